//! Prints how deep the stack is with one voltage and one current, nothing else.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod firmware {
    //! The program. This file must not know what a meter does.

    use core::hint::black_box;

    use cortex_m_semihosting::{debug, hprintln};
    use metering_core::calibration::Channel;
    use metering_core::config::{Config, Settings};
    use metering_core::quantity::{Ampere, SampleRate, Volt};
    use metering_core::reading::Reading;
    use metering_core::{Block, Meter};
    use panic_halt as _;

    use cost_firmware::stack;
    use cost_firmware::wave::{Codes, WINDOW, part, play};

    fn meter() -> Option<Meter<i16, 1>> {
        let settings = Settings {
            voltage: Some(Channel::new(Volt::const_from_int(400))),
            currents: [Some(Channel::new(Ampere::const_from_int(25)))],
            ..Settings::new(SampleRate::const_from_int(8_000), 16)
        };
        Some(Meter::new(Config::new(black_box(settings)).ok()?))
    }

    #[inline(never)]
    fn push(meter: &mut Meter<i16, 1>, at: usize, frames: usize) {
        let (voltage, current) = (part(i16::voltage(), at, frames), part(i16::current(), at, frames));
        let block = Block { voltage, currents: [current], residual: part(i16::residual(), at, frames) };
        meter.push(&block, &mut |reading: &Reading<1>| {
            black_box(reading);
        });
    }

    #[cortex_m_rt::entry]
    fn main() -> ! {
        let mut meter = meter();
        if let Some(meter) = &mut meter {
            let depth = stack::depth(|| play(30 * WINDOW, 64, |at, frames| push(meter, at, frames)));
            hprintln!("stack {} {}\nend", depth, size_of_val(meter));
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
