//! Products of 64 bits and leading zeros in 32-bit steps, for processors that have neither (Cortex-M0, M0+).
//!
//! In come integers, out goes what the operators give. By halves of 16 bits: the compiler would call a product of 64-bit
//! integers, and a count of zeros without a branch, each of which takes twice the instructions. This file must not know
//! what the numbers mean.

/// Exact product.
#[inline(never)]
pub(crate) fn product(a: u32, b: u32) -> u64 {
    let ((a, c), (b, d)) = ((a & 0xffff, a >> 16), (b & 0xffff, b >> 16));
    let lower = a * b;
    let mixed = c * b + (lower >> 16);
    let other = a * d + (mixed & 0xffff);
    let upper = c * d + (mixed >> 16) + (other >> 16);
    u64::from(upper) << 32 | u64::from(other << 16 | lower & 0xffff)
}

/// Exact product.
#[inline(never)]
pub(crate) fn signed_product(a: i32, b: i32) -> i64 {
    // Only the upper halves have a sign.
    let ((a, c), (b, d)) = ((a as u32 & 0xffff, a >> 16), (b as u32 & 0xffff, b >> 16));
    let lower = a * b;
    let mixed = c * b as i32 + (lower >> 16) as i32;
    let other = a as i32 * d + (mixed & 0xffff);
    let upper = c * d + (mixed >> 16) + (other >> 16);
    i64::from(upper) << 32 | i64::from((other as u32) << 16 | lower & 0xffff)
}

/// `value · factor`; wraps beyond 64 bits.
pub(crate) fn times(value: i64, factor: i32) -> i64 {
    // The product takes 2³² too much for a factor below 0.
    let excess = value as i32 & (factor >> 31);
    let upper = ((value >> 32) as i32).wrapping_mul(factor).wrapping_sub(excess);
    (i64::from(upper) << 32).wrapping_add(product(value as u32, factor as u32) as i64)
}

/// Leading zeros of 32 bits.
#[inline(never)]
pub(crate) fn leading_zeros_32(value: u32) -> u32 {
    const OF_FOUR: [u8; 16] = [4, 3, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    let (mut value, mut zeros) = (value, 0);
    for half in [16, 8, 4] {
        if value >> (32 - half) == 0 {
            (value, zeros) = (value << half, zeros + half);
        }
    }
    zeros + u32::from(OF_FOUR[(value >> 28) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The ends of the range, and what makes halves carry.
    fn word() -> impl Strategy<Value = u32> {
        prop_oneof![
            any::<u32>(),
            prop::sample::select(&[0, 1, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_0000, u32::MAX][..])
        ]
    }

    proptest! {
        #[test]
        fn products_are_exact(a in word(), b in word(), c in word()) {
            prop_assert_eq!(product(a, b), u64::from(a) * u64::from(b));
            let (a, b) = (a.cast_signed(), b.cast_signed());
            prop_assert_eq!(signed_product(a, b), i64::from(a) * i64::from(b));
            let value = i64::from(a) << 32 | i64::from(c);
            prop_assert_eq!(times(value, b), value.wrapping_mul(i64::from(b)));
        }

        #[test]
        fn zeros_are_counted(value in word(), shift in 0u32..32) {
            prop_assert_eq!(leading_zeros_32(value >> shift), (value >> shift).leading_zeros());
        }
    }
}
