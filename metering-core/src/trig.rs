//! Sine and angle in integers.
//!
//! In come phases as binary fractions of a turn (`u32`: 2³² is one turn), out go sines in Q30; in come phasors as pairs
//! of 64-bit sums, out go their angles as signed fractions of a turn (`i32`: ±2³¹ is half a turn). This
//! file must not know what turns.

/// Coefficients of sin(π/2·z)/z over z², Q30: least maximum error for |z| ≤ 1, 1.4·10⁻¹¹ before rounding.
const SINE: [i32; 6] = [1_686_629_713, -693_598_663, 85_569_264, -5_026_852, 172_032, -3_670];

/// atan(2⁻ⁿ) as a fraction of a turn, Q32.
const ARC_TANGENT: [i32; 30] = [
    536_870_912,
    316_933_406,
    167_458_907,
    85_004_756,
    42_667_331,
    21_354_465,
    10_679_838,
    5_340_245,
    2_670_163,
    1_335_087,
    667_544,
    333_772,
    166_886,
    83_443,
    41_722,
    20_861,
    10_430,
    5_215,
    2_608,
    1_304,
    652,
    326,
    163,
    81,
    41,
    20,
    10,
    5,
    3,
    1,
];

fn times_q30(a: i32, b: i32) -> i32 {
    ((i64::from(a) * i64::from(b) + (1 << 29)) >> 30) as i32
}

/// Sine of a phase in Q30, right to 4·10⁻⁹. About 45 instructions on a Cortex-M4.
pub(crate) fn sine(phase: u32) -> i32 {
    let turned = phase as i32;
    // Fold the second and third quarter of the turn onto the first and fourth.
    let z = if turned.unsigned_abs() > 1 << 30 { i32::MIN.wrapping_sub(turned) } else { turned };
    let square = times_q30(z, z);
    let sum = SINE.iter().rev().fold(0, |sum, &coefficient| coefficient + times_q30(sum, square));
    times_q30(z, sum)
}

/// 2·sin(half) in Q32 for the half of a phase step, right to 10⁻⁹ of itself plus 2⁻³². Steps up to 1/27 of a turn.
pub(crate) fn chord(step: u32) -> i32 {
    // π in Q28: the half step in radian, Q36.
    let half = (u64::from(step) * 843_314_857) >> 24;
    let square = ((half >> 4) * (half >> 4)) >> 32;
    // 1 - x²/6 + x⁴/120, Q32: the next term is below 10⁻¹⁰ where x is at most 0.23.
    let fall = square / 6 - ((square * square) >> 32) / 120;
    let series = (1u64 << 32) - fall;
    (((half >> 2) * series) >> 33) as i32
}

/// Angle of `x + jy` by CORDIC: a signed fraction of a turn, Q32, right to 2⁻²⁷; 0 for the zero phasor. About 300
/// instructions on a Cortex-M4.
pub(crate) fn angle(x: i64, y: i64) -> i32 {
    let size = x.unsigned_abs() | y.unsigned_abs();
    if size == 0 {
        return 0;
    }
    // Bring the larger part to 29 bits: CORDIC stretches by 1.65 and a diagonal by 1.42 more.
    let bits = 64 - size.leading_zeros() as i32;
    let fit = |value: i64| if bits > 29 { value >> (bits - 29) } else { value << (29 - bits) } as i32;
    let (mut x, mut y, mut angle) = (fit(x), fit(y), 0i32);
    if x < 0 {
        (x, y, angle) = (-x, -y, i32::MIN);
    }
    for (n, &arc) in ARC_TANGENT.iter().enumerate() {
        let (dx, dy) = (y >> n, x >> n);
        if y >= 0 {
            (x, y, angle) = (x + dx, y - dy, angle.wrapping_add(arc));
        } else {
            (x, y, angle) = (x - dx, y + dy, angle.wrapping_sub(arc));
        }
    }
    angle
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f64::consts::PI;

    #[test]
    fn sine_follows_f64() {
        let mut worst = 0f64;
        for n in 0..200_000u32 {
            let phase = n.wrapping_mul(21_474_837);
            let truth = (f64::from(phase) / 2f64.powi(31) * PI).sin();
            worst = worst.max((f64::from(sine(phase)) / 2f64.powi(30) - truth).abs());
        }
        assert!(worst < 4e-9, "{worst:e}");
        assert_eq!(sine(1 << 30), 1 << 30);
        assert_eq!(sine(3 << 30), -(1 << 30));
    }

    #[test]
    fn chord_follows_f64() {
        for step in (2_000_000..155_000_000u32).step_by(977_777) {
            let truth = 2.0 * (f64::from(step) / 2f64.powi(32) * PI).sin() * 2f64.powi(32);
            assert!((f64::from(chord(step)) - truth).abs() < 4.0, "{step}: {} {truth}", chord(step));
        }
    }

    #[test]
    fn angle_follows_f64_at_any_size() {
        for n in 0..20_000 {
            let truth = (f64::from(n) / 10_000.0 - 1.0) * PI;
            for size in [3e9, 1e15, 4e18] {
                let (x, y) = ((truth.cos() * size) as i64, (truth.sin() * size) as i64);
                let got = f64::from(angle(x, y)) / 2f64.powi(31) * PI;
                let exact = (y as f64).atan2(x as f64);
                let off = (got - exact + PI).rem_euclid(2.0 * PI) - PI;
                assert!(off.abs() < 2e-8, "{truth} {size}: {off:e}");
            }
        }
        assert_eq!(angle(0, 0), 0);
        assert!(angle(i64::MIN, 0).wrapping_sub(i32::MIN).abs() < 16);
    }
}
