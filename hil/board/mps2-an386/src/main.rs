//! Firmware of the emulated Cortex-M4 board: `hil-board` behind UART 0 of QEMU's `mps2-an386`; UART 1 is the device's
//! console, UART 2 its Modbus port.
//!
//! Build: `cargo build -p mps2-an386 --profile firmware --target thumbv7em-none-eabi`. Run: `qemu-system-arm -M
//! mps2-an386 -nographic -monitor none -serial pty -serial pty -serial pty -icount shift=0 -kernel
//! target/thumbv7em-none-eabi/firmware/mps2-an386`; it prints the names of the pseudo-terminals.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod platform;
#[cfg(target_os = "none")]
mod ports;
#[cfg(target_os = "none")]
mod registers;

#[cfg(target_os = "none")]
mod firmware {
    //! The entry. In comes the platform; this file must not know anything else.

    // Named so that it is linked: it says what a panic does.
    use panic_halt as _;

    use crate::platform::Mps2;

    #[cortex_m_rt::entry]
    fn main() -> ! {
        hil_board::firmware::serve(Mps2::start())
    }
}

#[cfg(not(target_os = "none"))]
fn main() {
    println!("This is firmware: cargo build -p mps2-an386 --profile firmware --target thumbv7em-none-eabi");
}
