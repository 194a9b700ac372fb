//! Harmonics to the 50th of one channel over one window of 10 or 12 mains cycles, on request (IEC 61000-4-7).
//!
//! In come the channel's codes frame by frame and, at the begin of each mains cycle, the synchroniser's phase and step;
//! out goes a [`Spectrum`]: the harmonic subgroups and the angles of their centre bins. This file must not know which
//! channel it looks at, nor how the mains is followed.
//!
//! **Bins.** With N cycles in the window and Θ the phase of the mains in cycles since the window's begin, the subgroup of
//! order h is made of the bins m = N·h-1, N·h, N·h+1, each a sum of x·exp(-j2πmΘ/N). The two outer ones differ from the
//! centre one by exp(∓j2πΘ/N) only, which is the same for all orders: each code is multiplied by the cosine and the sine
//! of Θ/N once, and the three values are correlated with one rotor per order. That is 3 bins for one rotor: 10
//! multiplications (32·32 to 64 bits) per order and frame, 4 to turn the rotor and 6 to correlate, so 506 per frame with
//! 50 orders, instead of 1 200 with a rotor per bin, and a third of its state.
//!
//! **Why no codes are stored.** A window has up to 19 200 frames (64 kHz, 40 Hz), 77 kB; the sums need 2 400 bytes at any
//! rate, the whole analyser less than 3.5 kB. Rotors are set anew from the sine series at each cycle begin, with the
//! step of that cycle, so their rounding does not grow over the window (below 2·10⁻⁶ at 64 kHz).
//!
//! **Edges.** Bins of the 50th order lie so near to the sampling rate's image that the two-frame edges that suffice for
//! the fundamental would let 40 to 110 ppm of it through. The window's edges therefore rise and fall over 16 frames
//! as the integral of a Hann pulse, w = p - sin(2πp)/2π with p the time since the cycle boundary over 16 frames: a
//! rectangle of exactly N cycles smoothed by that pulse. The rectangle's zeros, hence the separation of the bins, stay
//! where they are; what beats with the sampling falls by a further factor of 45 and more. As the edges begin at the
//! boundaries, no frame before a boundary is needed and no frame has to be divided; the window lies 8 frames later than
//! the meter's and ends with the 16th frame after its last boundary.
//!
//! Accuracy at 24 bits and 8 kHz, 42.5 to 69 Hz: magnitudes within 2 ppm of the fundamental, with 50 orders at 1/h of
//! the fundamental at once too. At 4 kHz, where the sum of two orders comes near to the sampling rate, the image of a
//! harmonic of 4 % in its own bin takes up to 170 ppm. An interharmonic leaks into the orders beside it as the norm's
//! rectangle has it to 0.4 % of the interharmonic, into all others to 0.7 % of it (less than the rectangle), at 8 kHz.

use crate::quantity::{Ampere, Degree, Factor, Volt};
use crate::sample::Sample;
use crate::scaled::Scaled;
use crate::trig;

/// The highest order that is looked at.
pub const ORDERS: usize = 50;

/// 0.475 of a turn: a harmonic that turns by more from frame to frame is too near to its own image.
const FASTEST: u32 = 2_040_109_465;
/// All codes are brought to this many bits.
const BITS: u32 = 24;
/// Frames handled together: three values of each stand on the stack meanwhile.
const CHUNK: usize = 32;
/// More frames than any window has (19 201 and the edge): a window that does not end is given up here, long before a sum
/// could overflow: 2²³ · 2²³ · 40 000 < 2⁶¹·³.
const MOST_FRAMES: u32 = 40_000;
/// 1 in the weights, rotors and their steps.
const ONE: i64 = 1 << 30;
/// Rise of the edge per frame: 16 frames, Q32.
const EDGE_STEP: u64 = 1 << 28;
/// The end of an edge.
const EDGE_END: u64 = 1 << 32;

/// `a·b + c·d` of Q30 numbers, rounded.
#[inline(always)]
fn products(a: i32, b: i32, c: i32, d: i32) -> i32 {
    ((i64::from(a) * i64::from(b) + i64::from(c) * i64::from(d) + ONE / 2) >> 30) as i32
}

/// A unit phasor that turns by a step per frame; all parts Q30.
#[derive(Clone, Copy, Debug)]
struct Turning {
    cosine: i32,
    sine: i32,
    step_cosine: i32,
    step_sine: i32,
}

impl Turning {
    fn new(phase: u32, step: u32) -> Self {
        let cosine = |phase: u32| trig::sine(phase.wrapping_add(1 << 30));
        Self { cosine: cosine(phase), sine: trig::sine(phase), step_cosine: cosine(step), step_sine: trig::sine(step) }
    }

    // The magnitude stays within 10⁻⁸ per frame of 1, and `MOST_FRAMES` ends a window: 32 bits suffice.
    #[inline(always)]
    fn forward(&mut self) {
        let Self { cosine, sine, step_cosine, step_sine } = *self;
        self.cosine = products(cosine, step_cosine, -sine, step_sine);
        self.sine = products(sine, step_cosine, cosine, step_sine);
    }
}

/// Correlation of one value per frame with a rotor: Σ x·cos and Σ x·sin, Q23.
#[derive(Clone, Copy, Debug)]
struct Correlation {
    cosine: i64,
    sine: i64,
}

/// One order: its rotor, and the correlations of the codes and of the codes times cosine and sine of Θ/N.
#[derive(Clone, Copy, Debug)]
struct Order {
    rotor: Turning,
    plain: Correlation,
    by_cosine: Correlation,
    by_sine: Correlation,
}

/// The three values of a frame.
type Values = [i32; 3];

impl Order {
    const NONE: Self = {
        let none = Correlation { cosine: 0, sine: 0 };
        let rotor = Turning { cosine: 0, sine: 0, step_cosine: 0, step_sine: 0 };
        Self { rotor, plain: none, by_cosine: none, by_sine: none }
    };

    fn take(&mut self, frames: &[Values]) {
        let Self { mut rotor, mut plain, mut by_cosine, mut by_sine } = *self;
        for &[code, code_cosine, code_sine] in frames {
            let (cosine, sine) = (i64::from(rotor.cosine >> 7), i64::from(rotor.sine >> 7));
            plain.cosine += i64::from(code) * cosine;
            plain.sine += i64::from(code) * sine;
            by_cosine.cosine += i64::from(code_cosine) * cosine;
            by_cosine.sine += i64::from(code_cosine) * sine;
            by_sine.cosine += i64::from(code_sine) * cosine;
            by_sine.sine += i64::from(code_sine) * sine;
            rotor.forward();
        }
        *self = Self { rotor, plain, by_cosine, by_sine };
    }

    /// The sum of the squared magnitudes of the three bins. Six squares below 2¹²³ each: no overflow.
    fn power(&self) -> i128 {
        let square = |a: i64, b: i64| (i128::from(a) + i128::from(b)).pow(2);
        let (c, s) = (self.by_cosine, self.by_sine);
        square(self.plain.cosine, 0)
            + square(self.plain.sine, 0)
            + square(c.cosine, -s.sine)
            + square(c.sine, s.cosine)
            + square(c.cosine, s.sine)
            + square(c.sine, -s.cosine)
    }

    /// The centre bin's angle as a sine, fraction of a turn in Q32.
    fn angle(&self) -> i32 {
        trig::angle(self.plain.sine, self.plain.cosine)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nothing was asked for, or the window was given up.
    #[default]
    Idle,
    /// The next cycle begins the window.
    Armed,
    /// Inside the window.
    Running,
    /// Behind the window's last boundary, on the falling edge.
    Falling,
    /// The spectrum is there.
    Done,
}

/// Analyses one channel over one window of 10 or 12 mains cycles.
///
/// Order of calls: [`begin`](Self::begin); then at each mains cycle [`cycle`](Self::cycle) before the cycle's first frame
/// is handed over, and all frames in their order by [`samples`](Self::samples), in blocks of any length (the result does
/// not depend on them); until [`spectrum`](Self::spectrum) gives something, 16 frames after the N-th following cycle
/// began. The meter can go on calling `cycle` and `samples` all the time: they return at once when nothing was asked for.
///
/// RAM: less than 3.5 kB, and 0.6 kB of stack in `samples`. Cost per frame of a running window: 10 multiplications (32·32
/// to 64 bits) per order and 6 more, at most 506, which are 45 instructions per order on a Cortex-M4 as compiled, 2 300 per
/// frame; per cycle begin: 202 sines, about 10 000 instructions; per `spectrum`: 50 roots and angles, about 40 000
/// instructions, and 0.8 kB of stack. While idle: one comparison per block.
#[derive(Clone, Debug)]
pub struct Harmonics {
    state: State,
    /// Cycles of the window.
    cycles: u8,
    /// Cycles of the window that are over.
    done: u8,
    /// Orders below the fastest.
    orders: u8,
    /// What brings a code to 24 bits.
    shift: u32,
    frames: u32,
    /// Where on the rising or falling edge the next frame lies, Q32; at the end or beyond it: none.
    edge: u64,
    /// The sum of the weights, Q30.
    length: u64,
    /// Turns once per window.
    slow: Turning,
    bank: [Order; ORDERS],
}

impl Default for Harmonics {
    fn default() -> Self {
        Self::new()
    }
}

impl Harmonics {
    /// An analyser that was not asked for anything yet.
    pub const fn new() -> Self {
        Self {
            state: State::Idle,
            cycles: 10,
            done: 0,
            orders: 0,
            shift: 0,
            frames: 0,
            edge: 0,
            length: 0,
            slow: Order::NONE.rotor,
            bank: [Order::NONE; ORDERS],
        }
    }

    /// Asks for a window of `cycles` mains cycles (10 or 12; others are brought into 1 to 12) that begins with the next
    /// [`cycle`](Self::cycle). `code_bits` is the width of the codes, 8 to 24. A window that runs is given up.
    pub fn begin(&mut self, cycles: u8, code_bits: u32) {
        self.cycles = cycles.clamp(1, 12);
        self.shift = BITS - code_bits.clamp(8, BITS);
        self.state = State::Armed;
    }

    /// Gives up a window that was asked for or runs, or forgets the spectrum: after lost samples, for instance.
    pub fn cancel(&mut self) {
        self.state = State::Idle;
    }

    /// Whether a window was asked for and is not complete yet.
    pub const fn is_busy(&self) -> bool {
        matches!(self.state, State::Armed | State::Running | State::Falling)
    }

    /// A mains cycle begins: `phase` is that of its first frame, which comes next, as a fraction of a turn since the
    /// cycle's boundary in Q32; `step` is what the phase moves on by from frame to frame in this cycle.
    pub fn cycle(&mut self, phase: u32, step: u32) {
        match self.state {
            State::Idle | State::Done => return,
            State::Armed => {
                self.state = State::Running;
                (self.done, self.frames, self.length) = (0, 0, 0);
                self.bank.fill(Order::NONE);
                self.orders = (FASTEST / step.max(1)).min(ORDERS as u32) as u8;
                self.edge = edge(phase, step);
            }
            State::Running => {
                self.done += 1;
                if self.done >= self.cycles {
                    self.edge = edge(phase, step);
                    self.state = if self.edge < EDGE_END { State::Falling } else { State::Done };
                }
            }
            State::Falling => {}
        }
        let cycles = u32::from(self.cycles.max(1));
        // Θ/N: the cycles that are over and the part of this one, after the last one again from 0.
        let turned = (u64::from(self.done.checked_rem(self.cycles).unwrap_or(0)) << 32) + u64::from(phase);
        self.slow = Turning::new((turned / u64::from(cycles)) as u32, step / cycles);
        for (order, harmonic) in (1u32..).zip(&mut self.bank).take(usize::from(self.orders)) {
            harmonic.rotor = Turning::new(phase.wrapping_mul(order), step.wrapping_mul(order));
        }
    }

    /// Takes the channel's codes of the following frames. Codes beyond `code_bits` are taken as the nearest within.
    pub fn samples<S: Sample>(&mut self, codes: &[S]) {
        for codes in codes.chunks(CHUNK) {
            if !matches!(self.state, State::Running | State::Falling) {
                return;
            }
            self.frames += codes.len() as u32;
            if self.frames > MOST_FRAMES {
                self.state = State::Idle;
                return;
            }
            let mut values = [Values::default(); CHUNK];
            for (value, &code) in values.iter_mut().zip(codes) {
                *value = self.values(code);
            }
            let values = values.get(..codes.len()).unwrap_or(&[]);
            for harmonic in self.bank.iter_mut().take(usize::from(self.orders)) {
                harmonic.take(values);
            }
            if self.state == State::Falling && self.edge >= EDGE_END {
                self.state = State::Done;
            }
        }
    }

    /// The weighted code of the next frame, and it times cosine and sine of Θ/N.
    #[inline(always)]
    fn values<S: Sample>(&mut self, code: S) -> Values {
        let limit = 1 << (BITS - 1 - self.shift);
        let mut code = code.into().max(-limit).min(limit - 1) << self.shift;
        let mut weight = ONE;
        if self.edge < EDGE_END {
            weight = rise(self.edge as u32);
            self.edge += EDGE_STEP;
            if self.state == State::Falling {
                weight = ONE - weight;
            }
            code = ((i64::from(code) * weight + ONE / 2) >> 30) as i32;
        } else if self.state == State::Falling {
            (weight, code) = (0, 0);
        }
        self.length += weight as u64;
        let values = [code, products(code, self.slow.cosine, 0, 0), products(code, self.slow.sine, 0, 0)];
        self.slow.forward();
        values
    }

    /// The spectrum, once the window is complete; `None` before, and after [`cancel`](Self::cancel).
    pub fn spectrum(&self) -> Option<Spectrum> {
        if self.state != State::Done {
            return None;
        }
        let mut spectrum = Spectrum {
            orders: self.orders,
            length_q16: self.length >> 14,
            components: [Component { rms: Scaled::ZERO, angle: 0 }; ORDERS],
        };
        // Root mean square of a bin as a fraction of the range: √2·|Σ|/length, the codes and the rotors Q23 each.
        let base = Scaled::new(self.length as i64, -30);
        let orders = spectrum.components.iter_mut().zip(&self.bank);
        for (component, harmonic) in orders.take(usize::from(self.orders)) {
            let rms = Scaled::wide(harmonic.power(), 1 - 4 * (BITS as i32 - 1)).root().over(base);
            *component = Component { rms, angle: harmonic.angle() };
        }
        Some(spectrum)
    }
}

/// Where on the edge a frame at `phase` behind the boundary lies, Q32.
fn edge(phase: u32, step: u32) -> u64 {
    // 28 bits more than the phase's 32 stay within 64.
    ((u64::from(phase) << 28) / u64::from(step.max(1))).min(EDGE_END)
}

/// The weight at `p` (Q32) of the rising edge: p - sin(2πp)/2π, Q30.
fn rise(p: u32) -> i64 {
    // 2³²/2π
    // Rounding may overstep both ends.
    (i64::from(p >> 2) - ((i64::from(trig::sine(p)) * 683_565_276) >> 32)).clamp(0, ONE)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Component {
    /// RMS of the subgroup as a fraction of the range.
    rms: Scaled,
    /// Of the centre bin against the synchroniser's phase, Q32 of a turn.
    angle: i32,
}

/// Harmonic subgroups of one channel over one window. 820 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spectrum {
    orders: u8,
    length_q16: u64,
    components: [Component; ORDERS],
}

/// One harmonic against the fundamental of the same channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Harmonic {
    /// RMS of the harmonic's subgroup as a share of the RMS of the fundamental's subgroup, 0 to 256 in steps of 0.06
    /// ppm; 0 where there is no fundamental, saturated above.
    pub share: Factor,
    /// Angle of the harmonic's centre bin, both taken as sines, where the fundamental of this channel passes through
    /// zero rising: arg h - h·arg 1. Does not depend on where the window begins. 0 for the fundamental and for what is 0.
    pub angle: Degree,
    /// The same where the synchroniser's phase is zero, which is the rising zero of the voltage's fundamental while
    /// locked: the common base of the spectra of several channels.
    pub angle_to_mains: Degree,
}

impl Spectrum {
    /// How many orders there are: 50, or those below 0.475 of the sampling rate.
    pub const fn orders(&self) -> u8 {
        self.orders
    }

    /// Length of the window in samples, in steps of 2⁻¹⁶ sample.
    pub const fn length_q16(&self) -> u64 {
        self.length_q16
    }

    /// The harmonic of an order, 1 for the fundamental. `None` for 0, above 50 and above 0.475 of the sampling rate.
    /// About 150 instructions on a Cortex-M4.
    pub fn harmonic(&self, order: u8) -> Option<Harmonic> {
        let component = self.component(order)?;
        let fundamental = self.component(1)?;
        let share = component.rms.over(fundamental.rms).to_unsigned_bits(24).min(u64::from(u32::MAX));
        let turned = fundamental.angle.wrapping_mul(i32::from(order));
        let absent = component.rms.is_zero();
        let angle = if absent { 0 } else { component.angle.wrapping_sub(turned) };
        Some(Harmonic {
            share: Factor::from_bits(share as u32),
            angle: degree(angle),
            angle_to_mains: degree(component.angle),
        })
    }

    /// RMS of an order's subgroup in volt, of a voltage channel of this range (full-scale peak). `None` as in
    /// [`harmonic`](Self::harmonic). Right to 10⁻⁹ of itself beyond the window's own error.
    pub fn volt(&self, order: u8, range: Volt) -> Option<Volt> {
        self.absolute(order, range.to_bits()).map(Volt::from_bits)
    }

    /// RMS of an order's subgroup in ampere, of a current channel of this range (full-scale peak). `None` as in
    /// [`harmonic`](Self::harmonic). Right to 10⁻⁹ of itself beyond the window's own error.
    pub fn ampere(&self, order: u8, range: Ampere) -> Option<Ampere> {
        self.absolute(order, range.to_bits()).map(Ampere::from_bits)
    }

    fn absolute(&self, order: u8, range: u64) -> Option<u64> {
        // Ranges end far below 2³¹ V or A: one bit of 64 is not missed.
        let range = Scaled::new((range >> 1) as i64, -31);
        self.component(order).map(|component| component.rms.times(range).to_unsigned_bits(32))
    }

    fn component(&self, order: u8) -> Option<&Component> {
        self.components.get(..usize::from(self.orders))?.get(usize::from(order).checked_sub(1)?)
    }
}

/// A fraction of a turn in Q32 as degrees.
fn degree(turn: i32) -> Degree {
    Degree::from_bits(((i64::from(turn) * 360 + (1 << 8)) >> 9) as i32)
}
