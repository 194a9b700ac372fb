//! Sine and angle in integers.
//!
//! In come phases as binary fractions of a turn (`u32`: 2³² is one turn), out go sines in Q30; in come phasors as pairs
//! of 64-bit sums, out go their angles as signed fractions of a turn (`i32`: ±2³¹ is half a turn). This
//! file must not know what turns.

use crate::scaled;

/// Coefficients of sin(π/2·z)/z over z², Q30: least maximum error for |z| ≤ 1, 1.4·10⁻¹¹ before rounding.
const SINE: [i32; 6] = [1_686_629_713, -693_598_663, 85_569_264, -5_026_852, 172_032, -3_670];

/// Coefficients of atan(√u)/√u over u as fractions of a turn, Q33: least maximum error for √u ≤ tan 22.5°, 4·10⁻¹¹.
const ARC_TANGENT: [i32; 6] = [1_367_130_550, -455_709_822, 273_401_270, -194_673_001, 144_503_359, -82_387_460];

fn times_q30(a: i32, b: i32) -> i32 {
    ((scaled::signed_product(a, b) + (1 << 29)) >> 30) as i32
}

/// Upper half of a product.
#[inline(always)]
fn upper(a: i32, b: i32) -> i32 {
    (scaled::signed_product(a, b) >> 32) as i32
}

/// Sum of terms over a square below 1/2, Q32.
#[inline(always)]
fn series(terms: &[i32], square: i32) -> i32 {
    terms.iter().rev().fold(0, |sum, &term| term + upper(sum, square))
}

/// Sine of a phase in Q30, right to 4·10⁻⁹. About 45 instructions on a Cortex-M4.
#[inline(never)]
pub(crate) fn sine(phase: u32) -> i32 {
    let turned = phase as i32;
    // Fold the second and third quarter of the turn onto the first and fourth.
    let z = if turned.unsigned_abs() > 1 << 30 { i32::MIN.wrapping_sub(turned) } else { turned };
    let square = times_q30(z, z);
    let sum = SINE.iter().rev().fold(0, |sum, &coefficient| coefficient + times_q30(sum, square));
    times_q30(z, sum)
}

/// Cosine and sine of a phase in Q30, right to 4·10⁻⁹: near quarters of a turn, where the middles of half cycles lie, by
/// half the steps.
pub(crate) fn cosine_and_sine(phase: u32) -> (i32, i32) {
    let quarter = phase.wrapping_add(1 << 29) >> 30;
    let turned = phase.wrapping_sub(quarter << 30) as i32;
    if turned.unsigned_abs() >= 1 << 28 {
        return (sine(phase.wrapping_add(1 << 30)), sine(phase));
    }
    // At most 0.39 rad, Q32, by π in Q29; its square as well.
    let angle = upper(turned << 3, 1_686_629_713) << 1;
    let square = upper(angle, angle);
    // 1/2! and 1/3! and so on, Q30.
    let cosine = series(&[1 << 30, -(1 << 29), 44_739_243, -1_491_308, 26_631], square);
    let sine = upper(angle, series(&[1 << 30, -178_956_971, 8_947_849, -213_044, 2_959], square));
    match quarter {
        0 => (cosine, sine),
        1 => (-sine, cosine),
        2 => (-cosine, -sine),
        _ => (sine, -cosine),
    }
}

/// What a turn by an angle adds to a phasor's parts; `less` and `sine`: its cosine less 1 and its sine, Q30.
#[inline(never)]
pub(crate) fn turned((along, across): (i64, i64), (less, sine): (i32, i32)) -> (i64, i64) {
    let times = wide_times_q30;
    (times(along, less) - times(across, sine), times(across, less) + times(along, sine))
}

/// `value · factor / 2³⁰`, the factor within ±2³¹.
fn wide_times_q30(value: i64, factor: i32) -> i64 {
    let upper = (value >> 32) * i64::from(factor);
    let lower = i64::from(value as u32) * i64::from(factor);
    (upper << 2) + (lower >> 30)
}

/// 2·sin(half) in Q32 for the half of a phase step, right to 10⁻⁹ of itself plus 2⁻³². Steps up to 1/27 of a turn.
pub(crate) fn chord(step: u32) -> i32 {
    // π in Q30 and by 2⁴: the half step in radian, Q34.
    let half = (scaled::product(step << 4, 3_373_259_426) >> 32) as u32;
    let quarter = half >> 2;
    let square = (scaled::product(quarter, quarter) >> 32) as u32;
    // 1 - x²/6 + x⁴/120, Q32: the next term is below 10⁻¹⁰ where x is at most 0.23.
    let fall = square / 6 - (scaled::product(square, square) >> 32) as u32 / 120;
    ((half - (scaled::product(half, fall) >> 32) as u32) >> 1) as i32
}

/// Angle of `x + jy`: a signed fraction of a turn, Q32, right to 2⁻²⁸; 0 for the zero phasor. About 95 instructions on a
/// Cortex-M4.
#[inline(never)]
pub(crate) fn angle(x: i64, y: i64) -> i32 {
    let (along, across) = (x.unsigned_abs(), y.unsigned_abs());
    if along | across == 0 {
        return 0;
    }
    // The larger part to 30 bits, so that the sum of both has 31 at most.
    let zeros = scaled::leading_zeros(along | across);
    let (across, along) = (scaled::upper(across, zeros) >> 2, scaled::upper(along, zeros) >> 2);
    let (least, most) = (across.min(along), across.max(along));
    // Above tan 22.5° the angle is taken from 45°: tan(a - 45°) = (tan a - 1)/(tan a + 1).
    let near_eighth = u64::from(least) << 32 > scaled::product(most, 1_779_033_704);
    let (numerator, divisor, base) =
        if near_eighth { (least as i32 - most as i32, least + most, 1 << 29) } else { (least as i32, most, 0) };
    let shift = divisor.leading_zeros() - 1;
    let inverse = scaled::reciprocal(divisor << shift);
    // Q32, at most tan 22.5°.
    let tangent = ((i64::from(numerator << shift) * i64::from(inverse)) >> 30) as i32;
    let octant = base + (upper(tangent, series(&ARC_TANGENT, upper(tangent, tangent))) >> 1);
    let quadrant = if across > along { (1 << 30) - octant } else { octant };
    let half = if x < 0 { i32::MIN.wrapping_sub(quadrant) } else { quadrant };
    if y < 0 { half.wrapping_neg() } else { half }
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
    fn cosine_and_sine_follow_f64() {
        for n in 0..200_000u32 {
            let phase = if n % 2 == 0 {
                n.wrapping_mul(21_474_837)
            } else {
                (n << 30).wrapping_add(n.wrapping_mul(5_400)).wrapping_sub(1 << 29)
            };
            let truth = (f64::from(phase) / 2f64.powi(31) * PI).sin_cos();
            let (cosine, sine) = cosine_and_sine(phase);
            let off = |got: i32, truth: f64| (f64::from(got) / 2f64.powi(30) - truth).abs();
            assert!(off(cosine, truth.1) < 4e-9 && off(sine, truth.0) < 4e-9, "{phase}");
        }
    }

    #[test]
    fn a_turn_follows_f64() {
        for n in 0..2_000u32 {
            let (phase, angle) = (n.wrapping_mul(2_147_483), f64::from(n) / 300.0);
            let (cosine, sine) = cosine_and_sine(phase);
            let turn = (f64::from(phase) / 2f64.powi(31) * PI).sin_cos();
            for size in [1e6, 1e13, 1e17] {
                let (x, y) = ((angle.cos() * size) as i64, (angle.sin() * size) as i64);
                let (more_x, more_y) = turned((x, y), (cosine.saturating_sub(1 << 30), sine));
                let truth = (x as f64 * turn.1 - y as f64 * turn.0, x as f64 * turn.0 + y as f64 * turn.1);
                let off = ((x + more_x) as f64 - truth.0).hypot((y + more_y) as f64 - truth.1);
                assert!(off < 3.0 + size * 1e-8, "{phase} {angle} {size}: {off:e}");
            }
        }
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
