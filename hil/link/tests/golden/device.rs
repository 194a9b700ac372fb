//! Frames of the calibration, the device, its settings and the board's own signal.

use super::*;

#[test]
fn calibration() {
    let voltage = Correction { gain_ppm: -29_126, offset: -4_194_304, noise: 1_000, ..Correction::default() };
    let second = Correction { gain_ppm: 30_000, phase: 1_500, delay: -64, offset: 300, noise: 0 };
    let calibration = Calibration {
        made: 1_700_000_000,
        clock: -25,
        voltage: Some(voltage),
        currents: Vec::from_slice(&[None, Some(second)]).unwrap(),
        residual: None,
    };
    let show = Request::Calibration(CalibrationRequest::Show);
    request(7, &show, "03 01 07 02 07 05 d3 70 d4 29 00");
    request(
        7,
        &Request::Calibration(CalibrationRequest::Write(calibration.clone())),
        "03 01 07 0d 07 01 80 e2 cf aa 06 31 01 8b c7 03 01 08 ff ff ff 03 e8 07 02 0a 01 e0 d4 03 b8 17 7f d8 04 \
         01 05 54 02 b7 3f 00",
    );
    let state = CalibrationState {
        calibration: Some(calibration),
        memory: Memory::Restored,
        saved: Some(300),
        pending: true,
        saves: 4,
        faults: 1,
    };
    response(
        7,
        &Response::Calibration(state),
        "03 02 07 0d 08 01 80 e2 cf aa 06 31 01 8b c7 03 01 08 ff ff ff 03 e8 07 02 0a 01 e0 d4 03 b8 17 7f d8 04 \
         01 0c 02 01 ac 02 01 04 01 b2 01 5f 15 00",
    );
}

#[test]
fn device() {
    for (asked, hex) in [
        (DeviceRequest::Info, "03 01 07 02 08 05 1c 6c 4c ae 00"),
        (DeviceRequest::Panel, "03 01 07 07 08 01 8a 5c 4b d9 00"),
        (DeviceRequest::Button { pressed: true, pass_ms: 3_020 }, "03 01 07 0a 08 02 01 cc 17 81 15 08 13 00"),
        (DeviceRequest::Restart { held: true }, "03 01 07 08 08 03 01 fb 9c 87 9a 00"),
    ] {
        request(7, &Request::Device(asked), hex);
    }
    let info = BoardInfo {
        board: text("mps2"),
        firmware: text("1.0"),
        program: text("0.1.0"),
        protocol: 4,
        uptime_us: Some(5_000_000),
        reset_cause: ResetCause::Software,
        restarts: 1,
        factory_resets: 300,
        settings: None,
        has_adc: true,
    };
    response(
        7,
        &Response::Device(DeviceAnswer::Info(info)),
        "03 02 07 02 09 1a 04 6d 70 73 32 03 31 2e 30 05 30 2e 31 2e 30 04 01 c0 96 b1 02 05 01 ac 02 06 01 1b 58 ec 76 00",
    );
    let panel = PanelState {
        lines: [text("225V 5.01A 1017W"), text("         13000Wh")],
        colour: Colour::Green,
        pattern: Pattern::Periodic,
        is_lit: true,
        mode: PanelMode::View(10),
        window: 301,
        time_us: 3_020_000,
    };
    response(
        7,
        &Response::Device(DeviceAnswer::Panel(panel.clone())),
        "03 02 07 28 09 01 10 32 32 35 56 20 35 2e 30 31 41 20 31 30 31 37 57 10 20 20 20 20 20 20 20 20 20 31 33 30 \
         30 30 57 68 02 01 01 0c 0a ad 02 e0 a9 b8 01 81 57 c7 99 00",
    );
    response(
        7,
        &Response::Device(DeviceAnswer::Panel(PanelState { mode: PanelMode::NotReset, ..panel })),
        "03 02 07 33 09 01 10 32 32 35 56 20 35 2e 30 31 41 20 31 30 31 37 57 10 20 20 20 20 20 20 20 20 20 31 33 30 \
         30 30 57 68 02 01 01 06 ad 02 e0 a9 b8 01 cb 40 8b b6 00",
    );
}

#[test]
fn signal() {
    let tones =
        [Tone { order: 1, amplitude: 1 << 30, phase: 0xf555_5555 }, Tone { order: 3, amplitude: 300, phase: 1 << 31 }];
    let channels = [
        Waveform { dc: 0, tones: Vec::from_slice(&[Tone { order: 1, amplitude: 0x6800_0000, phase: 0 }]).unwrap() },
        Waveform::default(),
        Waveform { dc: -(1 << 20), tones: Vec::from_slice(&tones).unwrap() },
    ];
    request(
        7,
        &Request::Signal(Signal { frequency: 50 << 32, channels: Vec::from_slice(&channels).unwrap() }),
        "03 01 07 09 09 80 80 80 80 a0 06 03 08 01 01 80 80 80 c0 06 01 01 1c ff ff 7f 02 01 80 80 80 80 04 d5 \
         aa d5 aa 0f 03 ac 02 80 80 80 80 08 7f 7e c2 38 00",
    );
    request(7, &Request::Run { frames: 227, with_codes: true }, "03 01 07 09 0a e3 01 01 38 6b 1b 8c 00");
    request(7, &Request::Run { frames: 4000, with_codes: false }, "03 01 07 04 0a a0 1f 05 e8 57 81 5d 00");
    response(7, &Response::SignalSet, "03 02 07 06 0a 0c e8 d7 6e 00");
    let data = Vec::from_slice(&[1, 0, 0x80, 0xff, 0xff, 0x7f]).unwrap();
    response(
        7,
        &Response::Block(Block { first_frame: 300, windows: Vec::new(), data }),
        "03 02 07 04 0b ac 02 03 06 01 09 80 ff ff 7f 39 0b c6 5b 00",
    );
}

#[test]
fn settings() {
    for (one, hex) in [
        (SettingsRequest::Show, "03 01 08 02 0c 05 4e b9 43 92 00"),
        (SettingsRequest::Export { from: 300 }, "03 01 08 09 0c 01 ac 02 e1 11 e0 70 00"),
        (SettingsRequest::Begin, "03 01 08 07 0c 02 62 d8 4d 7c 00"),
        (
            SettingsRequest::Line { text: "residual rated set 300" },
            "03 01 08 1e 0c 03 16 72 65 73 69 64 75 61 6c 20 72 61 74 65 64 20 73 65 74 20 33 30 30 7d f4 88 e1 00",
        ),
        (SettingsRequest::Apply, "03 01 08 07 0c 04 57 7d 2e 95 00"),
        (SettingsRequest::Cancel, "03 01 08 07 0c 05 c1 4d 29 e2 00"),
        (
            SettingsRequest::Start { sample_rate: 2_000 << 32, adc_bits: 24 },
            "03 01 08 0f 0c 06 80 80 80 80 80 fa 01 18 b5 52 ce 96 00",
        ),
    ] {
        request(8, &Request::Settings(one), hex);
    }
    let state = SettingsState {
        in_use: 0x0123_4567_89ab_cdef,
        kept: 1,
        imported: Some(300),
        ignored: 2,
        memory: Memory::Restored,
        saved: Some(7),
        pending: true,
        saves: 3,
        faults: 0,
    };
    let config = Config {
        sample_rate: 2_000 << 32,
        clock: 0,
        adc_bits: 24,
        nominal: Nominal::Hz50,
        voltage: None,
        currents: Vec::new(),
        residual: None,
        no_load: None,
        events: None,
    };
    for (one, hex) in [
        (
            SettingsAnswer::State(state),
            "03 02 08 02 0c 14 ef 9b af cd f8 ac d1 91 01 01 01 ac 02 02 02 01 07 01 03 05 34 c1 4e 83 00",
        ),
        (
            SettingsAnswer::Text { text: text("system fabsettings\n"), next: Some(300) },
            "03 02 08 1e 0c 01 13 73 79 73 74 65 6d 20 66 61 62 73 65 74 74 69 6e 67 73 0a 01 ac 02 ca 1d d0 a6 00",
        ),
        (SettingsAnswer::Line(LineVerdict::Taken), "03 02 08 03 0c 02 05 8f d0 56 f7 00"),
        (SettingsAnswer::Line(LineVerdict::Hidden), "03 02 08 08 0c 02 01 19 e0 51 80 00"),
        (
            SettingsAnswer::Line(LineVerdict::Ignored(text("longer"))),
            "03 02 08 0f 0c 02 02 06 6c 6f 6e 67 65 72 a2 82 af 28 00",
        ),
        (
            SettingsAnswer::Started(config),
            "03 02 08 0a 0c 03 80 80 80 80 80 fa 01 03 18 01 01 01 01 01 05 09 45 aa 85 00",
        ),
    ] {
        response(8, &Response::Settings(one), hex);
    }
}
