//! Meters from a double buffer: an interrupt hands full halves to the main loop and takes empty ones back, as a DMA's does.
//! `SysTick` stands for it: 64 frames of 50 Hz every 8 ms. Frames that find no empty half are told as lost.
#![cfg_attr(target_os = "none", no_std, no_main)]
#[cfg(target_os = "none")]
mod firmware {
    use cortex_m::{Peripherals, interrupt, interrupt::Mutex, peripheral::syst::SystClkSource, singleton};
    use cortex_m_semihosting::{debug::EXIT_SUCCESS, debug::exit, hprintln};
    use heapless::spsc::{Consumer, Producer, Queue};
    use metering_core::quantity::{Ampere, SampleRate, Volt};
    use metering_core::{Meter, calibration::Channel, config::Config, config::Settings, reading::Reading, registers};
    use panic_halt as _;
    type Half = &'static mut [[i16; 2]; 64]; // frames of voltage and current
    type Dma = (Producer<'static, (u64, Half)>, Consumer<'static, Half>, u64, u32);
    static DMA: Mutex<core::cell::RefCell<Option<Dma>>> = Mutex::new(core::cell::RefCell::new(None));
    #[cortex_m_rt::exception]
    fn SysTick() {
        interrupt::free(|token| {
            let mut dma = DMA.borrow(token).borrow_mut();
            let Some((full, empty, lost, phase)) = dma.as_mut() else { return };
            let Some(half) = empty.dequeue() else { return *lost += 64 };
            for frame in half.iter_mut() {
                *phase = phase.wrapping_add(26_843_546); // 50 Hz at 8 kHz
                let x = phase.cast_signed() >> 16;
                *frame = [1, 2].map(|part| ((x * (32_768 - x.abs())) >> 14) as i16 / part); // two parabolas
            }
            let _two_halves_have_room = full.enqueue((core::mem::take(lost), half));
        });
    }
    #[cortex_m_rt::entry]
    fn main() -> ! {
        let mut settings = Settings::new(SampleRate::const_from_int(8_000), 16);
        settings.voltage = Some(Channel::new(Volt::const_from_int(800))); // the value of the code 2^15
        settings.currents = [Some(Channel::new(Ampere::const_from_int(40)))];
        let mut meter = Meter::new(Config::<i16, 1>::new(settings).expect("constants within their limits"));
        let (into_full, mut full) = singleton!(: Queue<(u64, Half), 3> = Queue::new()).expect("once").split();
        let (mut empty, from_empty) = singleton!(: Queue<Half, 3> = Queue::new()).expect("once").split();
        let halves = singleton!(: [[[i16; 2]; 64]; 2] = [[[0; 2]; 64]; 2]).expect("once").each_mut();
        let _two_halves_have_room = halves.map(|half| empty.enqueue(half));
        interrupt::free(|token| DMA.borrow(token).replace(Some((into_full, from_empty, 0, 0))));
        let mut timer = Peripherals::take().expect("once").SYST; // 25 MHz
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(25_000 * 8 - 1);
        timer.enable_interrupt();
        timer.enable_counter();
        let mut show = |r: &Reading<1>| {
            let rms = [r.voltage.map(|v| v.rms), r.currents[0].map(|i| i.rms)].map(Option::unwrap_or_default);
            hprintln!("{} V {} mA, {}", registers::voltage(rms[0]), registers::current(rms[1]), r.flags.bits());
            (r.end_frame > 16_000).then(|| exit(EXIT_SUCCESS));
        };
        loop {
            let Some((lost, half)) = full.dequeue() else { continue };
            meter.gap(lost, &mut show);
            meter.push_interleaved(half.as_flattened(), &mut show);
            let _two_halves_have_room = empty.enqueue(half);
        }
    }
}
#[cfg(not(target_os = "none"))]
fn main() {}
