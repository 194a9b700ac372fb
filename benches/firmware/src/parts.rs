//! What is divided into parts: meters over whole windows, each once with nothing done and once metering, with marks
//! between them.
//!
//! Prints a line per part of what `size-full` keeps in RAM, its bytes and its name, and one line per meter: bits, currents,
//! residual, block, frames. A program on the PC has the emulator tell each instruction and looks for the marks by their name.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod firmware {
    //! The meters. This file must not know what a meter does.

    use core::hint::black_box;

    use cortex_m_semihosting::{debug, hprintln};
    use panic_halt as _;

    use cost_firmware::everything::Everything;
    use cost_firmware::wave::{Codes, WINDOW, play};

    const BLOCK: usize = 64;
    /// Few, since each instruction is told; a whole number of blocks.
    const COUNTED: usize = 4 * WINDOW;

    #[cortex_m_rt::entry]
    fn main() -> ! {
        ram::<i16, 1>();
        meter::<i16, 1>(false);
        meter::<i32, 1>(false);
        meter::<i16, 7>(true);
        hprintln!("end");
        loop {
            debug::exit(debug::EXIT_SUCCESS);
        }
    }

    fn ram<S: Codes, const N: usize>() {
        let (parts, meter, whole) = Everything::<S, N>::ram();
        let mut rest = meter;
        for (name, bytes) in parts {
            hprintln!("ram {} {}", bytes, name);
            // Nothing, where they overlap: then the parts make more than the whole.
            rest = rest.saturating_sub(bytes);
        }
        hprintln!("ram {} other of the meter", rest);
        hprintln!("ram {} events, their queue of 8, and what the bench keeps", whole - meter);
    }

    /// What follows is another span of the trace.
    #[inline(never)]
    fn mark() {
        black_box(());
    }

    fn meter<S: Codes, const N: usize>(residual: bool) {
        let mut all = Everything::<S, N>::new(black_box(residual)).expect("constants within their limits");
        // As in `count`, which also tells whether the readings are sound.
        play(8 * WINDOW, BLOCK, |at, frames| all.push(at, frames));
        hprintln!("meter {} {} {} {} {}", S::MAX_BITS, N, residual, BLOCK, COUNTED);
        let block = black_box(BLOCK);
        mark();
        play(COUNTED, block, |at, frames| all.nothing(at, frames));
        mark();
        play(COUNTED, block, |at, frames| all.push(at, frames));
        mark();
    }
}

#[cfg(not(target_os = "none"))]
fn main() {
    println!("This is firmware: scripts/cost builds and runs it");
}
