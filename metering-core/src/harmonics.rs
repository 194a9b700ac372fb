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

mod order;
mod spectrum;

use crate::sample::Sample;
use crate::scaled::Scaled;
use crate::trig;

use order::{ONE, Order, Turning, Values};
use spectrum::Component;
pub use spectrum::{Harmonic, Spectrum};

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
/// Rise of the edge per frame: 16 frames, Q32.
const EDGE_STEP: u64 = 1 << 28;
/// The end of an edge.
const EDGE_END: u64 = 1 << 32;

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
        let (cosine, sine) = self.slow.times(code);
        let values = [code, cosine, sine];
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
    // 683 565 276 is 2³²/2π. Rounding may overstep both ends.
    (i64::from(p >> 2) - ((i64::from(trig::sine(p)) * 683_565_276) >> 32)).clamp(0, ONE)
}
