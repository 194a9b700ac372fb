//! What fits into a frame at most.

use super::*;

#[test]
fn longest_frames_fit() {
    let powers = Powers { active: i64::MIN, fundamental_active: i64::MIN, reactive: i64::MIN, phase: i32::MIN };
    let most = u64::MAX;
    let current =
        Current { rms: most, fundamental: most, dc: i64::MIN, peak: most, no_load: true, power: Some(powers) };
    let window = Window {
        end_frame: most,
        length_q16: most,
        flags: u16::MAX,
        frequency: Some(u32::MAX),
        voltage: Some(Voltage { rms: most, fundamental: most, dc: i64::MIN, peak: most }),
        currents: [Some(current); 8].into_iter().collect(),
        residual: Some(ResidualReading {
            rms: most,
            ac: most,
            total: Some(most),
            dc: i64::MIN,
            peak: most,
            kind: residual::Kind::Other,
        }),
    };
    let windows = [window.clone(), window.clone(), window.clone(), window.clone()].into_iter().collect();
    let mut answer = [0; ANSWER_MAX];
    encode(Kind::Response, u16::MAX, &Response::Readings(windows), &mut answer).unwrap();
    let data = [0xff; MAX_BLOCK].into_iter().collect();
    let block = Block { first_frame: most, windows: [window.clone(), window].into_iter().collect(), data };
    encode(Kind::Response, u16::MAX, &Response::Block(block), &mut answer).unwrap();

    let energies = Energies {
        forward_active: most,
        reverse_active: most,
        forward_reactive: most,
        reverse_reactive: most,
        apparent: most,
    };
    let channel = EnergyChannel { continuous: energies, at_reset: energies, reset_at: most };
    let state = EnergyState {
        operation: most,
        channels: [channel; 8].into_iter().collect(),
        saved: Some(u32::MAX),
        saves: u32::MAX,
        faults: u32::MAX,
        ..energy()
    };
    encode(Kind::Response, u16::MAX, &Response::Energy(state), &mut answer).unwrap();

    for length in [0, 1, 232, 233, 253, 254, 2048, 4096] {
        let data = vec![0xff; length];
        let mut frame = vec![0; samples_frame(length)];
        let samples = Request::Compressed { first_frame: u64::MAX, frames: u32::MAX, data: &data };
        encode(Kind::Request, u16::MAX, &samples, &mut frame).unwrap();
    }
    let channel = Channel {
        range: most,
        gain_ppm: i32::MIN,
        inverted: true,
        phase: i16::MIN,
        delay: i16::MIN,
        zero: Some(i32::MIN),
        noise: most,
        clip: Some((i32::MIN, i32::MIN)),
    };
    let longest = Config {
        currents: [channel; 8].into_iter().collect(),
        voltage: Some(channel),
        residual: Some(Residual {
            channel,
            corner_mhz: Some(u16::MAX),
            monitor: Some(Monitor {
                rated: most,
                detects: residual::Type::A,
                pre_warning_percent: u8::MAX,
                hysteresis_percent: u8::MAX,
                characteristic: residual::Characteristic::Selective,
                response_delay_ms: u32::MAX,
                pre_warning_delay_ms: u32::MAX,
                release_delay_ms: u32::MAX,
                start_up_delay_ms: u32::MAX,
                latching: true,
                least_noise: most,
            }),
        }),
        events: Some(EventLimits {
            nominal: most,
            dip: Some(u16::MAX),
            swell: Some(u16::MAX),
            interruption: Some(u16::MAX),
            hysteresis: u16::MAX,
            overloads: [Some(Overload { threshold: most, hysteresis: u16::MAX, delay: u16::MAX }); 8]
                .into_iter()
                .collect(),
        }),
        ..config()
    };
    encode(Kind::Request, 1, &Request::Configure(longest), &mut [0; samples_frame(960)]).unwrap();
    let tones = [Tone { order: u8::MAX, amplitude: u32::MAX, phase: u32::MAX }; MAX_TONES].into_iter().collect();
    let channels = std::iter::repeat_n(Waveform { dc: i32::MIN, tones }, MAX_CHANNELS).collect();
    let signal = Request::Signal(Signal { frequency: most, channels });
    encode(Kind::Request, 1, &signal, &mut [0; samples_frame(960)]).unwrap();
}

#[test]
fn blocks_hold_at_most_four_windows() {
    let mut config = config();
    assert_eq!((config.channels(), config.code_bytes(), config.frame_bytes()), (4, 3, 12));
    assert_eq!(config.max_frames(2048), 170);
    assert_eq!(config.max_frames(11), 0);
    assert_eq!(config.block_frames(), 170);
    config = Config { adc_bits: 16, voltage: None, currents: Vec::new(), ..config };
    assert_eq!((config.channels(), config.code_bytes()), (1, 2));
    config.sample_rate = 2000 << 32;
    assert_eq!(config.max_frames(4096), 1000, "half a second");
    assert_eq!(config.block_frames(), 250, "an eighth of a second");
}
