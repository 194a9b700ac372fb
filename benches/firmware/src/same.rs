//! Compares the loops of this processor with the plain ones over random blocks of random codes, lengths, alignments and
//! extremes seen before, and over the longest blocks of codes that drive sums to their limits; and the extremes of any
//! numbers. Prints how many blocks of each agreed, and the first that did not.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod firmware {
    //! The program. This file must not know what a loop computes.

    use core::array::from_fn;

    use cortex_m_semihosting::{debug, hprintln};
    use metering_core::check::{FRAMES, Table, agrees, entry, extremes_agree, offset_agrees};
    use panic_halt as _;

    const BLOCKS: u32 = 1_000_000;
    /// Most frames of a random block.
    const MOST: usize = FRAMES + 8;
    const LONG_BLOCKS: u32 = 2_000;
    /// Most frames that a loop takes.
    const LONGEST: usize = 256;

    /// Marsaglia's xorshift.
    struct Random(u32);

    impl Random {
        fn next(&mut self) -> u32 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 17;
            self.0 ^= self.0 << 5;
            self.0
        }

        fn below(&mut self, end: usize) -> usize {
            self.next() as usize % end
        }

        /// A code of `bits` bits, often small, often at an end of the range, or of the same size as those before.
        fn code(&mut self, bits: u32, small: u32) -> i32 {
            let code = self.next().cast_signed() >> (32 - bits);
            match self.next() % 16 {
                0 => i32::MIN >> (32 - bits),
                1 => i32::MAX >> (32 - bits),
                _ => code >> small,
            }
        }
    }

    impl Random {
        /// A code at an end of the range, but for its lower bits.
        fn limit(&mut self, bits: u32) -> i32 {
            let end = if self.next().is_multiple_of(2) { -(1 << (bits - 1)) } else { (1 << (bits - 1)) - 1 };
            end ^ ((1 << self.below(bits as usize)) - 1)
        }

        /// An entry of the reference at its limit.
        fn entry(&mut self) -> i16 {
            if self.next().is_multiple_of(2) { 32_257 } else { -32_257 }
        }
    }

    struct Case {
        first: usize,
        second: usize,
        frames: usize,
        at: usize,
        seen: [i32; 2],
    }

    fn case(random: &mut Random, bits: u32) -> Case {
        let wide = 1 << (bits - 1);
        let seen = match random.next() % 4 {
            0 => [0, 0],
            1 => [-wide, wide - 1],
            _ => [0; 2].map(|_: i32| random.code(bits, 2)),
        };
        let (first, second) = (random.below(4), random.below(4));
        Case { first, second, frames: random.below(MOST - 3), at: random.below(FRAMES), seen }
    }

    #[cortex_m_rt::entry]
    fn main() -> ! {
        let mut random = Random(2_463_534_242);
        let (mut codes, mut others, mut table) = ([0i16; MOST], [0i16; MOST], Table([[entry(0); 4]; FRAMES / 2]));
        let mut agreed = 0;
        for block in 0..BLOCKS {
            if block % 16 == 0 {
                let small = random.next() % 15;
                codes.fill_with(|| random.code(16, small) as i16);
                others.fill_with(|| random.code(16, small) as i16);
                table.0.as_flattened_mut().fill_with(|| entry((random.code(16, 0) as i16).clamp(-32_257, 32_257)));
            }
            let Case { first, second, frames, at, seen } = case(&mut random, 16);
            let (codes, others) = (&codes[first..first + frames], &others[second..second + frames]);
            if agrees(codes, others, &table, at, seen) && offset_agrees(codes, others, &table, at) {
                agreed += 1;
            } else {
                hprintln!("16 bits differ: from {} and {}, {} frames, entry {}, {:?}", first, second, frames, at, seen);
                break;
            }
        }
        hprintln!("16 bits {}", agreed);
        let agreed = (0..LONG_BLOCKS).take_while(|_| {
            let (codes, others): ([_; LONGEST], _) = (from_fn(|_| random.limit(16) as i16), random.limit(16) as i16);
            table.0.as_flattened_mut().fill(entry(random.entry()));
            agrees(&[codes[0]; LONGEST], &[others; LONGEST], &table, 0, [0, 0])
                && agrees(&codes, &[others; LONGEST], &table, 0, [0, 0])
        });
        hprintln!("16 bits, at the limits {}", agreed.count());
        let (mut codes, mut others, mut table) = ([0i32; MOST], [0i32; MOST], Table([[0i32; 4]; FRAMES / 2]));
        let mut agreed = 0;
        for block in 0..BLOCKS {
            if block % 16 == 0 {
                let small = random.next() % 23;
                codes.fill_with(|| random.code(24, small));
                others.fill_with(|| random.code(24, small));
                table.0.as_flattened_mut().fill_with(|| random.code(16, 0).clamp(-32_257, 32_257));
            }
            let Case { first, second, frames, at, seen } = case(&mut random, 24);
            if agrees(&codes[first..first + frames], &others[second..second + frames], &table, at, seen) {
                agreed += 1;
            } else {
                hprintln!("24 bits differ: from {} and {}, {} frames, entry {}, {:?}", first, second, frames, at, seen);
                break;
            }
        }
        hprintln!("24 bits {}", agreed);
        let agreed = (0..LONG_BLOCKS).take_while(|_| {
            let (codes, others): ([_; LONGEST], _) = (from_fn(|_| random.limit(24)), random.limit(24));
            table.0.as_flattened_mut().fill(i32::from(random.entry()));
            agrees(&[codes[0]; LONGEST], &[others; LONGEST], &table, 0, [0, 0])
                && agrees(&codes, &[others; LONGEST], &table, 0, [0, 0])
        });
        hprintln!("24 bits, at the limits {}", agreed.count());
        let agreed = (0..LONG_BLOCKS).take_while(|_| {
            let (small, frames) = (random.next() % 32, random.below(MOST));
            codes.fill_with(|| random.code(32, small));
            extremes_agree(&codes[..frames], case(&mut random, 24).seen)
        });
        hprintln!("any number as a code {}", agreed.count());
        hprintln!("end");
        loop {
            debug::exit(debug::EXIT_SUCCESS);
        }
    }
}

#[cfg(not(target_os = "none"))]
fn main() {
    println!("This is firmware: scripts/cost builds and runs it");
}
