//! Prints how deep the stack is with everything on: one voltage, one current, residual current, events.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod firmware {
    //! The program. This file must not know what a meter does.

    use cortex_m_semihosting::{debug, hprintln};
    use panic_halt as _;

    use cost_firmware::everything::Everything;
    use cost_firmware::stack;
    use cost_firmware::wave::{WINDOW, play};

    #[cortex_m_rt::entry]
    fn main() -> ! {
        let mut meter = Everything::<i16, 1>::new(true);
        if let Some(meter) = &mut meter {
            let depth = stack::depth(|| play(30 * WINDOW, 64, |at, frames| meter.push(at, frames)));
            if meter.is_sound() {
                hprintln!("stack {} {}\nend", depth, size_of_val(meter));
            }
        }
        loop {
            debug::exit(debug::EXIT_SUCCESS);
        }
    }
}

#[cfg(not(target_os = "none"))]
fn main() {
    println!("This is firmware: scripts/cost builds and runs it");
}
