//! Counts what a frame of V + 1 I in 24 bits costs others, on the signal of `count` and by the same counter.
//!
//! Prints one line per meter: name, frames, ticks, and what it read, in mV, mA and mW: a meter that reads something else
//! counts nothing. What wants volts and amperes gets them made beforehand.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod firmware {
    //! The meters. This file must not know ours.

    use core::hint::black_box;

    use cortex_m_semihosting::{debug, hprintln};
    use embedded_alloc::LlffHeap;
    use libm::sqrtf;
    use metrology_insight::{MetrologyInsight, MetrologyInsightConfig};
    use panic_halt as _;

    use cost_firmware::counter;
    use cost_firmware::wave::{CYCLE, Codes, TABLE, WINDOW};

    const SETTLED: usize = 8;
    const WINDOWS: usize = 10;
    /// Volt and ampere per code.
    const STEPS: (f32, f32) = (400.0 / 8_388_608.0, 25.0 / 8_388_608.0);

    /// Volt, ampere and watt of a window.
    type Readings = [f32; 3];

    #[global_allocator]
    static HEAP: LlffHeap = LlffHeap::empty();

    #[cortex_m_rt::entry]
    fn main() -> ! {
        #[expect(unsafe_code, reason = "the allocator takes its memory once, before anything is allocated")]
        // SAFETY: called once, at the start, with memory that is nobody else's.
        unsafe {
            embedded_alloc::init!(HEAP, 262_144);
        }
        counter::start();
        hprintln!("known {} {}", counter::INSTRUCTIONS, counter::known());
        let (voltage, current) = (values(i32::voltage(), STEPS.0), values(i32::current(), STEPS.1));
        row("naive_f32", || naive(black_box(&voltage), black_box(&current)));
        row("idsp", || with_idsp(black_box(i32::voltage()), black_box(i32::current())));
        let mut meter = insight();
        row("metrology_insight", || read(&mut meter, black_box(&voltage), black_box(&current)));
        hprintln!("end");
        loop {
            debug::exit(debug::EXIT_SUCCESS);
        }
    }

    /// Counts one meter, window by window: the counter holds no more of the dearest one.
    fn row(name: &str, mut window: impl FnMut() -> Readings) {
        for _ in 0..SETTLED {
            black_box(window());
        }
        let (mut ticks, mut read) = (0, Readings::default());
        for _ in 0..WINDOWS {
            ticks += counter::ticks(|| read = black_box(window()));
        }
        let [volt, ampere, watt] = read.map(|value| (value * 1e3) as i32);
        hprintln!("peer {} {} {} {} {} {}", name, WINDOWS * WINDOW, ticks, volt, ampere, watt);
    }

    fn values(codes: &[i32], step: f32) -> [f32; CYCLE] {
        let mut values = [0.0; CYCLE];
        for (value, &code) in values.iter_mut().zip(codes) {
            *value = code as f32 * step;
        }
        values
    }

    /// Nine sums over ten cycles of 50 Hz against a table of one: v, i, v², i², v·i, v and i times cosine and sine.
    fn naive(voltage: &[f32; CYCLE], current: &[f32; CYCLE]) -> Readings {
        let mut sums = [0f32; 9];
        for _ in 0..WINDOW / CYCLE {
            // Of one cycle each: the sum of a window has not the digits for its last samples.
            let mut cycle = [0f32; 9];
            for ((&v, &i), &(cosine, sine)) in voltage.iter().zip(current).zip(&TABLE) {
                let terms = [v, i, v * v, i * i, v * i, v * cosine, v * sine, i * cosine, i * sine];
                for (sum, term) in cycle.iter_mut().zip(terms) {
                    *sum += term;
                }
            }
            for (sum, term) in sums.iter_mut().zip(cycle) {
                *sum += term;
            }
        }
        // All nine, or the compiler leaves out those that nothing is read of.
        let [v, i, vv, ii, vi, ..] = black_box(sums).map(|sum| sum / WINDOW as f32);
        [sqrtf(vv - v * v), sqrtf(ii - i * i), vi - v * i]
    }

    /// The same sums in integers, against cosine and sine that `idsp` makes of a phase of 50 Hz.
    fn with_idsp(voltage: &[i32], current: &[i32]) -> Readings {
        const STEP: i32 = ((1u64 << 32) / CYCLE as u64) as i32;
        let mut sums = [0i64; 9];
        for _ in 0..WINDOW / CYCLE {
            let mut phase = 0i32;
            for (&v, &i) in voltage.iter().zip(current).take(CYCLE) {
                let (cosine, sine) = idsp::cossin(phase);
                phase = phase.wrapping_add(STEP);
                let product = |a: i32, b: i32| i64::from(a) * i64::from(b);
                let terms = [
                    i64::from(v),
                    i64::from(i),
                    product(v, v),
                    product(i, i),
                    product(v, i),
                    product(v, cosine) >> 31,
                    product(v, sine) >> 31,
                    product(i, cosine) >> 31,
                    product(i, sine) >> 31,
                ];
                for (sum, term) in sums.iter_mut().zip(terms) {
                    *sum += term;
                }
            }
        }
        let [v, i, vv, ii, vi, ..] = black_box(sums).map(|sum| sum as f32 / WINDOW as f32);
        [STEPS.0 * sqrtf(vv - v * v), STEPS.1 * sqrtf(ii - i * i), STEPS.0 * STEPS.1 * (vi - v * i)]
    }

    /// Set up as its documentation says.
    fn insight() -> MetrologyInsight {
        let config = MetrologyInsightConfig {
            adc_samples_seconds: 8_000.0,
            adc_samples_per_cycle: CYCLE as f64,
            avg_sec: CYCLE as f32 / 8_000.0,
            ..MetrologyInsightConfig::default()
        };
        let mut meter = MetrologyInsight::new(config);
        meter.set_nominal_voltage(230.0);
        meter
    }

    /// It has a reading of each cycle: the last of the window is taken.
    fn read(meter: &mut MetrologyInsight, voltage: &[f32; CYCLE], current: &[f32; CYCLE]) -> Readings {
        let mut readings = Readings::default();
        for _ in 0..WINDOW / CYCLE {
            let Some(phase) = meter.socket.phases.first_mut() else { return readings };
            phase.voltage.real_wave.copy_from_slice(voltage);
            phase.voltage.real_wave_len = CYCLE;
            phase.current.real_wave.copy_from_slice(current);
            phase.current.real_wave_len = CYCLE;
            meter.process_and_update_metrics(1);
            let Some(phase) = meter.socket.phases.first_mut() else { return readings };
            readings = [phase.voltage.rms, phase.current.rms, phase.power_metrics.real_power];
            phase.voltage.clear_samples();
            phase.current.clear_samples();
        }
        readings
    }
}

#[cfg(not(target_os = "none"))]
fn main() {
    println!("This is firmware: scripts/cost builds and runs it");
}
