//! Counts what a frame costs, for each number of currents, with and without residual current, for each block length.
//!
//! Prints one line per row: bits, stage, currents, residual, block, frames, ticks. A program on the PC turns ticks into
//! instructions. The loop that hands the blocks over is not counted. The signal is 50 Hz at 8 kHz; the frames are whole windows, so that what is done per cycle and per
//! window is in the count.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod firmware {
    //! The table of configurations. This file must not know what a meter does.

    use core::hint::black_box;

    use cortex_m_semihosting::{debug, hprintln};
    use panic_halt as _;

    use cost_firmware::counter;
    use cost_firmware::everything::Everything;
    #[cfg(not(feature = "harmonics"))]
    use cost_firmware::wave::play_over;
    use cost_firmware::wave::{Codes, WINDOW, play};

    /// Block lengths. 20 windows are a whole number of each.
    const BLOCKS: [usize; 4] = [1, 16, 64, 256];
    const COUNTED: usize = 20 * WINDOW;

    #[cortex_m_rt::entry]
    fn main() -> ! {
        counter::start();
        hprintln!("known {} {}", counter::INSTRUCTIONS, counter::known());
        channels::<i16>();
        channels::<i32>();
        hprintln!("end");
        loop {
            debug::exit(debug::EXIT_SUCCESS);
        }
    }

    fn channels<S: Codes>() {
        rows::<S, 1>();
        rows::<S, 2>();
        rows::<S, 7>();
        rows::<S, 8>();
    }

    fn rows<S: Codes, const N: usize>() {
        for residual in [false, true] {
            for block in BLOCKS {
                let mut all = Everything::<S, N>::new(black_box(residual)).expect("constants within their limits");
                // The lock is found and the window divided into whole blocks.
                play(8 * WINDOW, 64, |at, frames| all.push(at, frames));
                let block = black_box(block);
                let idle = counter::ticks(|| play(COUNTED, block, |at, frames| all.nothing(at, frames)));
                let ticks = counter::ticks(|| play(COUNTED, block, |at, frames| all.push(at, frames))) - idle;
                hprintln!("row {} all {} {} {} {} {}", S::MAX_BITS, N, residual, block, COUNTED, ticks);
                assert!(all.is_sound());
                #[cfg(not(feature = "harmonics"))]
                {
                    let ticks = counter::ticks(|| play(COUNTED, block, |at, frames| all.kernel(at, frames))) - idle;
                    hprintln!("row {} kernel {} {} {} {} {}", S::MAX_BITS, N, residual, block, COUNTED, ticks);
                }
            }
            #[cfg(not(feature = "harmonics"))]
            {
                let mut all = Everything::<S, N>::new(black_box(residual)).expect("constants within their limits");
                all.wander();
                play_over(WINDOW, 8 * WINDOW, 64, |at, frames| all.push(at, frames));
                let idle = counter::ticks(|| play_over(WINDOW, COUNTED, 64, |at, frames| all.nothing(at, frames)));
                let ticks = counter::ticks(|| play_over(WINDOW, COUNTED, 64, |at, frames| all.push(at, frames))) - idle;
                hprintln!("row {} wandering {} {} 64 {} {}", S::MAX_BITS, N, residual, COUNTED, ticks);
                assert!(all.is_sound());
            }
        }
    }
}

#[cfg(not(target_os = "none"))]
fn main() {
    println!("This is firmware: scripts/cost builds and runs it");
}
