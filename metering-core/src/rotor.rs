//! The reference that the fundamental is measured against: a sine and a cosine that turn with the mains.
//!
//! In come the phase of a frame and the step per frame, out go cosine and sine of each following frame by the magic
//! circle (two multiplications a frame, no table; Minsky, HAKMEM item 149). The cosine runs half a step behind; the sums
//! undo that once per cycle. This file must not know samples.

use crate::sample::Sample;
use crate::trig;

/// State of the magic circle: `cosine -= chord·sine; sine += chord·cosine`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rotor {
    cosine: i32,
    sine: i32,
    /// 2·sin(step/2), Q32.
    chord: i32,
}

impl Rotor {
    /// The reference for a frame at `phase`, `step` per frame, in the amplitude that goes with `S`.
    pub(crate) fn new<S: Sample>(phase: u32, step: u32) -> Self {
        let state = |phase| ((i64::from(trig::sine(phase)) * (S::ROTOR_AMPLITUDE >> 16)) >> 14) as i32;
        let quarter = 1 << 30;
        Self {
            cosine: state(phase.wrapping_add(quarter).wrapping_sub(step / 2)),
            sine: state(phase),
            chord: trig::chord(step),
        }
    }

    /// 2·sin(step/2), Q32.
    pub(crate) fn chord(&self) -> i32 {
        self.chord
    }

    /// Cosine (half a step behind) and sine of the present frame.
    pub(crate) fn reference<S: Sample>(&self) -> (S::Reference, S::Reference) {
        (S::reference(self.cosine), S::reference(self.sine))
    }

    // Both steps round as the Cortex-M4's SMMLSR and SMMLAR do.
    #[inline(always)]
    pub(crate) fn forward(&mut self) {
        let chord = i64::from(self.chord);
        self.cosine = (((i64::from(self.cosine) << 32) - chord * i64::from(self.sine) + (1 << 31)) >> 32) as i32;
        self.sine = (((i64::from(self.sine) << 32) + chord * i64::from(self.cosine) + (1 << 31)) >> 32) as i32;
    }

    /// The reference one frame before.
    pub(crate) fn backward(mut self) -> Self {
        let chord = i64::from(self.chord);
        self.sine = (((i64::from(self.sine) << 32) - chord * i64::from(self.cosine) + (1 << 31)) >> 32) as i32;
        self.cosine = (((i64::from(self.cosine) << 32) + chord * i64::from(self.sine) + (1 << 31)) >> 32) as i32;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_of_reference_follows_f64() {
        for step in [2_852_000u32, 26_843_546, 53_687_091, 148_176_000] {
            let mut rotor = Rotor::new::<i32>(123_456_789, step);
            let mut phase = 123_456_789u64;
            while phase < 1 << 32 {
                let angle = phase as f64 / 2f64.powi(31) * core::f64::consts::PI;
                let half = f64::from(step) / 2f64.powi(32) * core::f64::consts::PI;
                let (cosine, sine) = rotor.reference::<i32>();
                assert!((f64::from(sine) / 2f64.powi(23) - angle.sin()).abs() < 6e-6, "{step} {phase}");
                assert!((f64::from(cosine) / 2f64.powi(23) - (angle - half).cos()).abs() < 6e-6, "{step} {phase}");
                let mut next = rotor;
                next.forward();
                let back = next.backward();
                assert!((back.sine - rotor.sine).abs() <= 1 && (back.cosine - rotor.cosine).abs() <= 1);
                rotor = next;
                phase += u64::from(step);
            }
        }
    }
}
