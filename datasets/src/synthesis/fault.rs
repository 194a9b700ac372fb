//! Residual currents that are switched, raised slowly or in steps, as a sensor gives them.
//!
//! In comes the description of a current in the primary, out go samples of the sensor's signal. This file must not know
//! of norms, codes or what a meter should decide.
//!
//! Exact, not stepped: a current is cut into pieces of (a + bt)·sin(φ + Ωt) + c, and the answer of a transformer (a
//! high-pass of the first order: y = x - z with z' = w(x - z)) to each piece has a closed form. A sine and a cosine are
//! turned on from sample to sample, so a sample costs some ten multiplications.

use core::f64::consts::{PI, SQRT_2, TAU};

/// Shape of a residual current.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FaultForm {
    /// A sine.
    Sine,
    /// Pulsating direct current: one half-wave of each cycle from this delay angle on, 0 to 180 degrees excluded.
    Pulsating {
        /// Delay angle in degrees.
        delay_deg: f64,
    },
    /// Smooth direct current.
    Smooth,
}

/// How strong a current is over time, as a multiple of its RMS.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    /// 1 from the beginning.
    Sudden,
    /// Rises steadily.
    Ramp {
        /// At the beginning.
        from: f64,
        /// Per second.
        per_s: f64,
    },
    /// Rises in steps.
    Stairs {
        /// At the beginning.
        from: f64,
        /// By how much each step is higher than the last.
        step: f64,
        /// How long each step lasts.
        step_s: f64,
    },
}

/// A residual current.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// Shape.
    pub form: FaultForm,
    /// The current flows the other way round.
    pub negative: bool,
    /// True RMS at level 1 in ampere, over whole cycles.
    pub rms: f64,
    /// How strong it is over time.
    pub level: Level,
    /// Frequency in hertz.
    pub hertz: f64,
    /// Angle of the sine when the current begins, in degrees: the point on the wave.
    pub start_deg: f64,
    /// Begin in seconds.
    pub from_s: f64,
    /// End in seconds; infinity where it does not end.
    pub to_s: f64,
}

/// From `from_s` to `to_s`: (amplitude + slope·τ)·sin(angle + Ωτ) + constant, τ since `from_s`.
#[derive(Clone, Copy, Debug, Default)]
struct Piece {
    from_s: f64,
    to_s: f64,
    amplitude: f64,
    slope: f64,
    angle: f64,
    constant: f64,
}

impl FaultForm {
    /// Peak of the whole sine over the RMS of what is let through of it: total RMS² of one pulse per cycle is
    /// (π - α)/4π + sin 2α/8π of the squared peak.
    pub fn peak_over_rms(self) -> f64 {
        match self {
            Self::Sine => SQRT_2,
            Self::Pulsating { delay_deg } => {
                let delay = delay_deg.to_radians();
                1.0 / libm::sqrt((PI - delay) / (4.0 * PI) + libm::sin(2.0 * delay) / (8.0 * PI))
            }
            Self::Smooth => 1.0,
        }
    }

    /// Mean over RMS: (1 + cos α)/2π of the peak for pulses.
    pub fn mean_over_rms(self) -> f64 {
        match self {
            Self::Sine => 0.0,
            Self::Pulsating { delay_deg } => self.peak_over_rms() * (1.0 + libm::cos(delay_deg.to_radians())) / TAU,
            Self::Smooth => 1.0,
        }
    }
}

impl Level {
    /// Multiple of the RMS `seconds` after the beginning.
    pub fn at(self, seconds: f64) -> f64 {
        match self {
            Self::Sudden => 1.0,
            Self::Ramp { from, per_s } => from + per_s * seconds,
            Self::Stairs { from, step, step_s } => from + step * libm::floor(seconds / step_s),
        }
    }

    fn slope(self) -> f64 {
        if let Self::Ramp { per_s, .. } = self { per_s } else { 0.0 }
    }
}

impl Fault {
    /// A current that is switched on at an angle and stays.
    pub fn sudden(form: FaultForm, rms: f64, hertz: f64, start_deg: f64, from_s: f64) -> Self {
        Self { form, negative: false, rms, level: Level::Sudden, hertz, start_deg, from_s, to_s: f64::INFINITY }
    }

    /// Adds what a sensor gives of this current to `samples`, the first of which lies at t = 0. `corner_hz`: high-pass
    /// of the transformer; `None`: the sensor passes direct current.
    pub fn add_to(&self, samples: &mut [f64], rate_hz: f64, corner_hz: Option<f64>) {
        let end_s = samples.len() as f64 / rate_hz;
        let mut sensor = Sensor { pole: TAU * corner_hz.unwrap_or(0.0), turn: TAU * self.hertz, kept: 0.0 };
        for piece in self.pieces(end_s) {
            sensor.piece(&piece, samples, rate_hz);
        }
    }

    /// The pieces up to `end_s`, without a gap from the begin on.
    fn pieces(&self, end_s: f64) -> Vec<Piece> {
        let to_s = self.to_s.min(end_s);
        let mut times = vec![self.from_s, to_s];
        if let FaultForm::Pulsating { delay_deg } = self.form {
            let per_degree = 1.0 / (360.0 * self.hertz);
            let cycles = (to_s - self.from_s).max(0.0) * self.hertz;
            for cycle in 0..=cycles as usize + 1 {
                let begin = self.from_s + (360.0 * cycle as f64 - self.start_deg) * per_degree;
                times.extend([begin + delay_deg * per_degree, begin + 180.0 * per_degree]);
            }
        }
        if let Level::Stairs { step_s, .. } = self.level {
            let steps = (to_s - self.from_s).max(0.0) / step_s;
            times.extend((1..=steps as usize).map(|step| self.from_s + step as f64 * step_s));
        }
        times.retain(|time| (self.from_s..=to_s).contains(time));
        times.sort_by(f64::total_cmp);
        let mut pieces: Vec<Piece> = times.windows(2).map(|ends| self.piece(ends[0], ends[1])).collect();
        pieces.push(Piece { from_s: to_s.max(self.from_s), to_s: end_s, ..Piece::default() });
        pieces.retain(|piece| piece.to_s > piece.from_s);
        pieces
    }

    fn piece(&self, from_s: f64, to_s: f64) -> Piece {
        let sign = if self.negative { -1.0 } else { 1.0 };
        let peak = sign * self.rms * self.form.peak_over_rms();
        let middle = 0.5 * (from_s + to_s) - self.from_s;
        let slope = self.level.slope();
        let level = self.level.at(middle) - slope * 0.5 * (to_s - from_s);
        let degrees = |since: f64| self.start_deg + 360.0 * self.hertz * since;
        let turned = libm::fmod(degrees(middle), 360.0);
        let flows = match self.form {
            FaultForm::Pulsating { delay_deg } => {
                let turned = if turned < 0.0 { turned + 360.0 } else { turned };
                turned >= delay_deg && turned < 180.0
            }
            FaultForm::Sine => true,
            FaultForm::Smooth => return Piece { from_s, to_s, constant: peak * level, ..Piece::default() },
        };
        let amplitude = if flows { peak } else { 0.0 };
        let angle = libm::fmod(degrees(from_s - self.from_s), 360.0).to_radians();
        Piece { from_s, to_s, amplitude: amplitude * level, slope: amplitude * slope, angle, constant: 0.0 }
    }
}

/// The high-pass and what it has lost so far.
struct Sensor {
    /// Angular corner frequency; 0: none.
    pole: f64,
    /// Angular frequency of the current.
    turn: f64,
    /// z, the part that the transformer does not give, where the next piece begins.
    kept: f64,
}

impl Sensor {
    fn piece(&mut self, piece: &Piece, samples: &mut [f64], rate_hz: f64) {
        let Self { pole, turn, .. } = *self;
        let answers = pole > 0.0;
        // z of (a + bτ)·e^j(φ + Ωτ) is (c + dτ)·e^j(φ + Ωτ): d = Hb and c = Ha - d/(w + jΩ) with H = w/(w + jΩ).
        let square = if answers { pole * pole + turn * turn } else { 1.0 };
        let (over_re, over_im) = (pole / square, -turn / square);
        let (h_re, h_im) = (pole * over_re, pole * over_im);
        let (d_re, d_im) = (h_re * piece.slope, h_im * piece.slope);
        let c_re = h_re * piece.amplitude - (d_re * over_re - d_im * over_im);
        let c_im = h_im * piece.amplitude - (d_re * over_im + d_im * over_re);
        let constant = if answers { piece.constant } else { 0.0 };
        let steady =
            |tau: f64, (sine, cosine): (f64, f64)| (c_re + d_re * tau) * sine + (c_im + d_im * tau) * cosine + constant;
        let rest = if answers { self.kept - steady(0.0, libm::sincos(piece.angle)) } else { 0.0 };
        let first = libm::ceil(piece.from_s * rate_hz - 1e-9).max(0.0) as usize;
        let end = (libm::ceil(piece.to_s * rate_hz - 1e-9).max(0.0) as usize).min(samples.len());
        let since = first as f64 / rate_hz - piece.from_s;
        let (mut sine, mut cosine) = libm::sincos(piece.angle + turn * since);
        let (step_sine, step_cosine) = libm::sincos(turn / rate_hz);
        let mut gone = rest * libm::exp(-pole * since);
        let decay = libm::exp(-pole / rate_hz);
        for (n, sample) in samples.iter_mut().enumerate().take(end).skip(first) {
            let tau = n as f64 / rate_hz - piece.from_s;
            let current = (piece.amplitude + piece.slope * tau) * sine + piece.constant;
            *sample += if answers { current - steady(tau, (sine, cosine)) - gone } else { current };
            (sine, cosine) = (sine * step_cosine + cosine * step_sine, cosine * step_cosine - sine * step_sine);
            gone *= decay;
        }
        if answers {
            let length = piece.to_s - piece.from_s;
            self.kept = steady(length, libm::sincos(piece.angle + turn * length)) + rest * libm::exp(-pole * length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 8000.0;

    fn sampled(fault: &Fault, frames: usize, corner_hz: Option<f64>) -> Vec<f64> {
        let mut samples = vec![0.0; frames];
        fault.add_to(&mut samples, RATE, corner_hz);
        samples
    }

    /// RMS and mean over whole cycles are those asked for; values of the norm's reference waveforms.
    #[test]
    fn forms_have_their_rms_and_mean() {
        for (form, peak, mean) in [
            (FaultForm::Sine, SQRT_2, 0.0),
            (FaultForm::Pulsating { delay_deg: 0.0 }, 2.0, core::f64::consts::FRAC_2_PI),
            (FaultForm::Pulsating { delay_deg: 90.0 }, 2.828_427, 0.45016),
            (FaultForm::Pulsating { delay_deg: 135.0 }, 1.0 / 0.150_703, 0.30932),
            (FaultForm::Smooth, 1.0, 1.0),
        ] {
            assert!((form.peak_over_rms() / peak - 1.0).abs() < 4e-6, "{form:?}");
            assert!((form.mean_over_rms() - mean).abs() < 4e-6, "{form:?}");
            // The jump of 135 degrees falls on a sample: half of its square over 16 000 is 0.07 % of the mean.
            let samples = sampled(&Fault::sudden(form, 0.03, 0.5, 0.0, 0.0), 16_000, None);
            let square = samples.iter().map(|x| x * x).sum::<f64>() / 16_000.0;
            assert!((libm::sqrt(square) / 0.03 - 1.0).abs() < 4e-4, "{form:?} {}", libm::sqrt(square));
            let found = samples.iter().sum::<f64>() / 16_000.0;
            assert!((found / 0.03 - mean).abs() < 4e-4, "{form:?} {found}");
        }
    }

    /// The closed form against 4000 small steps a sample, for every form, level and end.
    #[test]
    fn a_transformer_agrees_with_a_finely_stepped_one() {
        const STEPS: usize = 4000;
        let levels = [
            Level::Sudden,
            Level::Ramp { from: 0.2, per_s: 9.0 },
            Level::Stairs { from: 0.3, step: 0.1, step_s: 0.013 },
        ];
        for (n, form) in
            [FaultForm::Sine, FaultForm::Pulsating { delay_deg: 135.0 }, FaultForm::Smooth].iter().enumerate()
        {
            let mut fault = Fault::sudden(*form, 0.5, 60.0, 222.0, 0.001_23);
            (fault.level, fault.to_s, fault.negative) = (levels[n], 0.0501, true);
            let fine_rate = RATE * STEPS as f64;
            let mut fine = vec![0.0; 600 * STEPS];
            fault.add_to(&mut fine, fine_rate, None);
            let mut kept = 0.0;
            let weight = 1.0 - libm::exp(-TAU * 5.0 / fine_rate);
            let exact = sampled(&fault, 600, Some(5.0));
            for (n, x) in fine.iter().enumerate() {
                if n % STEPS == 0 {
                    let error = exact[n / STEPS] - (x - kept);
                    assert!(error.abs() < 2e-6, "{form:?} {}: {error}", n / STEPS);
                }
                kept += weight * (x - kept);
            }
        }
    }

    /// The recurrence does not drift over half a minute.
    #[test]
    fn a_slow_ramp_follows_its_closed_form() {
        let mut fault = Fault::sudden(FaultForm::Sine, 1.0, 50.0, 30.0, 0.1);
        fault.level = Level::Ramp { from: 0.2, per_s: 0.8 / 30.0 };
        let samples = sampled(&fault, 240_000, None);
        for n in [799, 800, 100_001, 239_999] {
            let since = n as f64 / RATE - 0.1;
            let level = if since < 0.0 { 0.0 } else { 0.2 + 0.8 / 30.0 * since };
            let angle = 30f64.to_radians() + TAU * libm::fmod(50.0 * since, 1.0);
            let expected = level * SQRT_2 * libm::sin(angle);
            assert!((samples[n] - expected).abs() < 1e-9, "{n}");
        }
    }
}
