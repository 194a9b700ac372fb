//! The harmonics analyser: any cycles, phases, steps and codes, in any cut.

use arbitrary::{Result, Unstructured};
use metering_core::Sample;
use metering_core::harmonics::{Harmonics, Spectrum};
use metering_core::quantity::{Ampere, Volt};

/// Survives any order of calls; the spectrum does not depend on the cut.
pub fn harmonics(bytes: &[u8]) {
    let _ended = run(&mut Unstructured::new(bytes));
}

fn run(u: &mut Unstructured<'_>) -> Result<()> {
    if u.arbitrary()? { case::<i16>(u, |code| code as i16) } else { case::<i32>(u, |code| code) }
}

fn case<S: Sample>(u: &mut Unstructured<'_>, narrow: fn(i32) -> S) -> Result<()> {
    let cut = usize::from(u.int_in_range(1..=300u16)?);
    let (mut whole, mut parts) = (Harmonics::new(), Harmonics::new());
    let begin = |u: &mut Unstructured<'_>, whole: &mut Harmonics, parts: &mut Harmonics| -> Result<()> {
        let (cycles, bits) = (u.arbitrary()?, u.arbitrary::<u8>()?);
        whole.begin(cycles, bits.into());
        parts.begin(cycles, bits.into());
        Ok(())
    };
    begin(u, &mut whole, &mut parts)?;
    let mut frames = 0;
    while !u.is_empty() && frames < 60_000 {
        match u.int_in_range(0..=15u8)? {
            0 => begin(u, &mut whole, &mut parts)?,
            1 => {
                whole.cancel();
                parts.cancel();
            }
            2..=7 => {
                let (phase, step) = (u.arbitrary()?, u.arbitrary()?);
                whole.cycle(phase, step);
                parts.cycle(phase, step);
            }
            kind => {
                let (a, b): (i32, i32) = (u.arbitrary()?, u.arbitrary()?);
                let length = usize::from(u.int_in_range(0..=4_000u16)?);
                let half = usize::from(u.int_in_range(1..=255u8)?);
                let mut code = a;
                let codes: Vec<S> = (0..length)
                    .map(|n| {
                        narrow(match kind {
                            8 => i32::MAX,
                            9 => i32::MIN,
                            10..=12 if (n / half).is_multiple_of(2) => a,
                            10..=12 => b,
                            _ => {
                                code = code.wrapping_mul(1_664_525).wrapping_add(b | 1);
                                code
                            }
                        })
                    })
                    .collect();
                frames += length;
                whole.samples(&codes);
                codes.chunks(cut).for_each(|codes| parts.samples(codes));
            }
        }
        assert_eq!(whole.is_busy(), parts.is_busy());
        let (one, other) = (whole.spectrum(), parts.spectrum());
        assert_eq!(one.is_some(), other.is_some());
        let (Some(one), Some(other)) = (one, other) else { continue };
        assert_eq!(read(&one, Volt::MAX), read(&other, Volt::MAX));
        read(&one, Ampere::ZERO);
    }
    Ok(())
}

fn read(spectrum: &Spectrum, range: Volt) -> String {
    let orders = (0..=u8::MAX)
        .map(|order| (spectrum.harmonic(order), spectrum.volt(order, range), spectrum.ampere(order, range)));
    format!("{} {} {:?}", spectrum.orders(), spectrum.length_q16(), orders.collect::<Vec<_>>())
}
