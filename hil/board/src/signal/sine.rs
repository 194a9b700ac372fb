//! The sine of an angle, from a table of a quarter turn.
//!
//! In come turns, out goes a sine, in integers. This file must not know what it is the sine of.
//!
//! The nearest of 1024 angles is looked up; the rest, 3.1 mrad at the most, is added by the sum formula with three terms of
//! its series, of which the first that is missing is 4·10⁻¹². What is left is the rounding of table and result.

/// Entries of a quarter turn.
const QUARTER: u32 = 256;

/// 2π in 2⁻²⁰.
const TURN: i64 = 6_588_397;

/// Sines of 0 to a quarter turn, 30 bits behind the point.
static TABLE: [i32; QUARTER as usize + 1] = table();

/// Sine of `turns`, in 2⁻³² turn, 30 bits behind the point; off by less than 2·10⁻⁹.
pub(super) fn sine(turns: u32) -> i32 {
    // Rounded to the nearest entry, so that the rest is small on both sides.
    let entry = turns.wrapping_add(1 << 21) >> 22;
    let rest = i64::from(turns.wrapping_sub(entry << 22) as i32);
    // Radians, 36 bits behind the point.
    let angle = (rest * TURN) >> 16;
    // 1 - cos, 40 bits behind the point, and sin, 36.
    let fall = (angle * angle) >> 33;
    // A third, to 5·10⁻⁵ of a term of 5·10⁻⁹.
    let rise = angle - ((((angle * fall) >> 24) * 21_845) >> 32);
    let (sine, cosine) = (i64::from(entry_of(entry)), i64::from(entry_of(entry.wrapping_add(QUARTER))));
    // 36 bits behind the point, rounded to 30.
    let sum = (sine << 6) - ((sine * fall) >> 34) + ((cosine * rise) >> 30);
    ((sum + 32) >> 6) as i32
}

/// Sine of an entry's angle, counted around the whole turn.
fn entry_of(entry: u32) -> i32 {
    let (half, within) = (entry / (2 * QUARTER) % 2, entry % (2 * QUARTER));
    let mirrored = if within > QUARTER { 2 * QUARTER - within } else { within };
    // Always there.
    let value = TABLE.get(mirrored as usize).copied().unwrap_or(0);
    if half == 1 { -value } else { value }
}

/// Made by the compiler, from the series of the sine in integers.
const fn table() -> [i32; QUARTER as usize + 1] {
    let mut table = [0; QUARTER as usize + 1];
    let mut entry = 0;
    while entry < table.len() {
        // 60 bits behind the point; π/2 to 62 bits.
        let angle = 7_244_019_458_077_122_842_i128 * entry as i128 / (4 * QUARTER as i128);
        let (mut term, mut sum, mut n) = (angle, 0_i128, 1_i128);
        while term != 0 {
            sum += term;
            term = -((((term * angle) >> 60) * angle) >> 60) / ((n + 1) * (n + 2));
            n += 2;
        }
        table[entry] = ((sum + (1 << 29)) >> 30) as i32;
        entry += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::{sine, table};

    #[test]
    fn it_is_the_sine() {
        let mut worst = 0.0_f64;
        // An odd stride meets all rests; the ends of the quarters come on top.
        let turns = (0..200_000_u32).map(|n| n.wrapping_mul(2_654_435_761));
        for turns in turns.chain((0..1024).flat_map(|n| [n << 22, (n << 22) + (1 << 21), (n << 22) + (1 << 21) - 1])) {
            let expected = (f64::from(turns) / 2f64.powi(32) * core::f64::consts::TAU).sin();
            worst = worst.max((f64::from(sine(turns)) / 2f64.powi(30) - expected).abs());
        }
        std::println!("worst error of the sine {worst:.2e}");
        assert!(worst < 2e-9, "{worst:e}");
    }

    #[test]
    fn the_table_is_rounded_right() {
        for (entry, value) in table().into_iter().enumerate() {
            let exact = (entry as f64 / 1024.0 * core::f64::consts::TAU).sin() * 2f64.powi(30);
            assert!((f64::from(value) - exact).abs() <= 0.5 + 1e-6, "{entry}");
        }
    }
}
