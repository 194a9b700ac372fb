//! Firmware of the emulated Cortex-M4 board: `hil-board` behind UART 0 of QEMU's `mps2-an386`; UART 1 is the device's
//! console, UART 2 its Modbus port.
//!
//! Build: `cargo build -p mps2-an386 --profile firmware --target thumbv7em-none-eabi`. Run: `qemu-system-arm -M
//! mps2-an386 -nographic -monitor none -serial pty -serial pty -serial pty -icount shift=0 -kernel
//! target/thumbv7em-none-eabi/firmware/mps2-an386`; it prints the names of the pseudo-terminals.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod eeprom;
#[cfg(target_os = "none")]
mod platform;
#[cfg(target_os = "none")]
mod ports;
#[cfg(target_os = "none")]
mod registers;

#[cfg(target_os = "none")]
mod firmware {
    //! The main loop. In comes the platform; this file must not know anything else.

    use hil_board::Board;
    use hil_link::samples_frame;
    // Named so that it is linked: it says what a panic does.
    use panic_halt as _;

    use crate::platform::Mps2;

    /// Most bytes of samples in a request.
    const MAX_DATA: usize = 2048;

    #[cortex_m_rt::entry]
    fn main() -> ! {
        let mut board = Board::<_, { samples_frame(MAX_DATA) }>::new(Mps2::start());
        loop {
            let Ok(_bytes) = board.poll();
        }
    }
}

#[cfg(not(target_os = "none"))]
fn main() {
    println!("This is firmware: cargo build -p mps2-an386 --profile firmware --target thumbv7em-none-eabi");
}
