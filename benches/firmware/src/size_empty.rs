//! Prints the depth of the stack without a meter: what the images with one are compared with.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod firmware {
    //! The program. This file must not know a meter.

    use core::hint::black_box;

    use cortex_m_semihosting::{debug, hprintln};
    use panic_halt as _;

    use cost_firmware::stack;
    use cost_firmware::wave::{Codes, WINDOW, part, play};

    #[cortex_m_rt::entry]
    fn main() -> ! {
        let depth = stack::depth(|| {
            play(WINDOW, 64, |at, frames| {
                black_box((part(i16::voltage(), at, frames), part(i16::current(), at, frames)));
                black_box(part(i16::residual(), at, frames));
            });
        });
        hprintln!("stack {} {}\nend", depth, 0);
        loop {
            debug::exit(debug::EXIT_SUCCESS);
        }
    }
}

#[cfg(not(target_os = "none"))]
fn main() {
    println!("This is firmware: scripts/cost builds and runs it");
}
