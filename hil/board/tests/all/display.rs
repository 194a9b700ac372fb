//! The display's pages: as the manual words them, and for any reading at all against exact arithmetic.

use hil_board::device::display::{Lower, Upper};
use hil_board::device::figure::Figure;
use hil_board::device::{Page, Snapshot};
use hil_link::MAX_CURRENTS;
use metering_core::decimal::Exact;
use metering_core::energy::{Account, Energy, Registers};
use metering_core::quantity::{Ampere, Degree, Hertz, Power, Second, Signed, Volt, WattSecond};
use metering_core::reading::{CurrentReading, Flags, PowerReading, Reading, VoltageReading};
use metering_core::residual::{Kind, ResidualReading, State};
use proptest::prelude::*;

/// Bits of all that a display can show.
#[derive(Clone, Copy, Debug)]
struct Bits {
    voltage: u64,
    current: u64,
    residual: u64,
    active: i64,
    reactive: i64,
    phase: i32,
    frequency: u32,
    continuous: [u64; 2],
    at_reset: [u64; 2],
    operation: u64,
    reset_at: u64,
}

fn snapshot(bits: &Bits, flags: Flags) -> Snapshot {
    let (volt, ampere) = (Volt::from_bits(bits.voltage), Ampere::from_bits(bits.current));
    let power = PowerReading {
        active: Power::from_bits(bits.active),
        fundamental_active: Power::ZERO,
        reactive: Power::from_bits(bits.reactive),
        phase: Degree::from_bits(bits.phase),
    };
    let current = CurrentReading {
        rms: ampere,
        fundamental: Ampere::ZERO,
        dc: Signed::ZERO,
        peak: Ampere::ZERO,
        no_load: false,
        power: Some(power),
        energy: Energy::default(),
    };
    let mut currents = [None; MAX_CURRENTS];
    currents[0] = Some(current);
    let residual = Ampere::from_bits(bits.residual);
    let reading = Reading {
        end_frame: 0,
        length_q16: 0,
        duration: Second::ZERO,
        elapsed: Second::ZERO,
        flags,
        frequency: Some(Hertz::from_bits(bits.frequency)),
        voltage: Some(VoltageReading { rms: volt, fundamental: Volt::ZERO, dc: Signed::ZERO, peak: Volt::ZERO }),
        currents,
        // The AC is shown, not the RMS with the mean of a pulsation.
        residual: Some(ResidualReading {
            rms: Ampere::MAX,
            ac: residual,
            total: None,
            dc: Signed::ZERO,
            peak: Ampere::ZERO,
            kind: Kind::None,
        }),
    };
    let energy = |[forward, reverse]: [u64; 2]| Energy {
        forward_active: WattSecond::from_bits(forward),
        reverse_active: WattSecond::from_bits(reverse),
        ..Energy::default()
    };
    let (continuous, at_reset) = (energy(bits.continuous), energy(bits.at_reset));
    let mut accounts = [Account::default(); MAX_CURRENTS];
    accounts[0] = Account { continuous, at_reset, reset_at: Second::from_bits(bits.reset_at) };
    let registers = Registers::restore(Second::from_bits(bits.operation), accounts).unwrap();
    let mut snapshot = Snapshot::new(&registers);
    snapshot.window(&reading);
    snapshot.set_registers(&registers);
    snapshot
}

fn lines(page: Page, snapshot: &Snapshot) -> [String; 2] {
    [Upper(page, snapshot).to_string(), Lower(page, snapshot).to_string()]
}

fn bits(value: f64, fraction: i32) -> i64 {
    (value * 2f64.powi(fraction)).round() as i64
}

/// A feed of 225.3 V and 5.014 A that lags by 25.8 degrees.
fn ordinary() -> Bits {
    Bits {
        voltage: bits(225.3, 32) as u64,
        current: bits(5.0137, 32) as u64,
        residual: bits(0.001_24, 32) as u64,
        active: bits(1_016.6, 24),
        reactive: bits(-491.5, 24),
        phase: bits(-25.84, 23) as i32,
        frequency: bits(49.987, 24) as u32,
        continuous: [(13_000 * 3_600) << 16, 0],
        at_reset: [(12_579 * 3_600) << 16, 0],
        operation: bits(100_000.0, 32) as u64,
        reset_at: bits(71_861.0, 32) as u64,
    }
}

#[test]
fn pages_read_as_in_the_manual() {
    let snapshot = snapshot(&ordinary(), Flags::empty());
    let pages = [
        ["225V 5.01A 1017W", "         13000Wh"],
        ["7:48:59 h:m:s   ", "           421Wh"],
        ["VRMS            ", "          225.3V"],
        ["IRMS            ", "          5.014A"],
        ["RESIDUAL AC RMS ", "           1.2mA"],
        ["ACTIVE POWER    ", "           1017W"],
        ["APPARENT POWER  ", "          1130VA"],
        ["REACTIVE POWER  ", "         -492var"],
        ["POWER FACTOR    ", "           0.900"],
        ["PHASE ANGLE     ", "        -25.8deg"],
        ["FREQUENCY       ", "         49.99Hz"],
    ];
    for (page, expected) in Page::ALL.into_iter().zip(pages) {
        assert_eq!(lines(page, &snapshot), expected, "{page:?}");
    }
}

#[test]
fn without_a_reading_there_are_dashes_and_without_a_load_zeros() {
    let none = Snapshot::default();
    assert_eq!(lines(Page::Normal, &none), ["---V  ---A  ---W", "             0Wh"]);
    assert_eq!(lines(Page::Resettable, &none)[0], "0:00:00 h:m:s   ");
    assert_eq!(lines(Page::PowerFactor, &none)[1], "             ---");
    assert_eq!(lines(Page::Residual, &none)[1], "           ---mA");
    // A hundredth of a watt the other way is no minus zero.
    let idle = Bits { current: 0, residual: 0, active: bits(-0.01, 24), reactive: 0, phase: 0, ..ordinary() };
    let idle = snapshot(&idle, Flags::empty());
    assert_eq!(lines(Page::Normal, &idle)[0], "225V 0.00A    0W");
    assert_eq!(lines(Page::Current, &idle)[1], "          0.000A");
    assert_eq!(lines(Page::Residual, &idle)[1], "           0.0mA");
    assert_eq!(lines(Page::PowerFactor, &idle)[1], "           0.000");
}

#[test]
fn what_would_overflow_changes_its_unit() {
    let many = Bits {
        voltage: bits(1_234.5, 32) as u64,
        current: bits(15_999.6, 32) as u64,
        residual: u64::MAX,
        active: bits(-123_456.7, 24),
        ..ordinary()
    };
    let many = snapshot(&many, Flags::empty());
    assert_eq!(lines(Page::Normal, &many)[0], " 1kV  16kA-123kW");
    assert_eq!(lines(Page::Residual, &many)[1], " 4294967296000mA");
    assert_eq!(lines(Page::Active, &many)[1], "        -123457W");
    let long = |seconds: u64| {
        let bits = Bits { operation: seconds << 32, reset_at: 0, ..ordinary() };
        lines(Page::Resettable, &snapshot(&bits, Flags::empty()))[0].clone()
    };
    assert_eq!(long(35_999_999), "9999:59:59 h:m:s");
    assert_eq!(long(36_000_000), "416d 16:00 h:m  ");
    assert_eq!(long(u32::MAX.into()), "49710d 06:28 h:m");
}

#[test]
fn the_lower_line_warns() {
    let mut clipped = snapshot(&ordinary(), Flags::CLIPPED);
    assert_eq!(lines(Page::Normal, &clipped)[1], ">        13000Wh");
    for state in [State::PRE_WARNING, State::ALARM, State::SENSOR_SILENT, State::SENSOR_SATURATED] {
        clipped.set_residual(state);
        assert_eq!(lines(Page::Voltage, &clipped)[1], "!         225.3V", "{state:?}");
    }
    clipped.set_residual(State::SELF_TEST);
    assert_eq!(lines(Page::Voltage, &clipped)[1], ">         225.3V");
}

/// A number with its unit, and what a step of its last digit is worth. `None` for anything else.
fn read(text: &str, unit: &str) -> Option<(f64, f64)> {
    let number = text.trim().strip_suffix(unit)?;
    let (number, scale) = match number.as_bytes().last()? {
        b'm' => (&number[..number.len() - 1], 1e-3),
        b'k' => (&number[..number.len() - 1], 1e3),
        b'M' => (&number[..number.len() - 1], 1e6),
        b'G' => (&number[..number.len() - 1], 1e9),
        b'T' => (&number[..number.len() - 1], 1e12),
        _ => (number, 1.0),
    };
    let behind = number.split_once('.').map_or(0, |(_, behind)| behind.len());
    Some((number.parse::<f64>().ok()? * scale, scale * 10f64.powi(-(behind as i32))))
}

/// What is shown is the truth to half a step of the last digit, or for a counter one step below.
#[track_caller]
fn holds(text: &str, unit: &str, truth: f64, is_counter: bool) -> f64 {
    let (shown, step) = read(text, unit).unwrap_or_else(|| panic!("{text:?} in {unit}"));
    // Double precision holds 15 digits of the truth.
    let slack = truth.abs() * 1e-14 + step * 1e-6;
    let error = shown - truth;
    let fits = if is_counter { error <= slack && error > -step - slack } else { error.abs() <= step / 2.0 + slack };
    assert!(fits, "{text:?} for {truth}");
    step
}

fn any_bits() -> impl Strategy<Value = Bits> {
    let word = || (any::<u64>(), 0u32..64).prop_map(|(bits, shift)| bits >> shift);
    let long = || (any::<i64>(), 0u32..64).prop_map(|(bits, shift)| bits >> shift);
    let pair = || (word(), word()).prop_map(|(a, b)| [a, b]);
    let measured = (word(), word(), word(), long(), long(), any::<i32>(), any::<u32>());
    (measured, (pair(), pair(), word(), word())).prop_map(|(measured, (all, reset, operation, reset_at))| {
        let (voltage, current, residual, active, reactive, phase, frequency) = measured;
        Bits {
            voltage,
            current,
            residual,
            active,
            reactive,
            phase,
            frequency,
            continuous: [all[0].max(reset[0]), all[1].max(reset[1])],
            at_reset: [all[0].min(reset[0]), all[1].min(reset[1])],
            operation: operation.max(reset_at),
            reset_at: operation.min(reset_at),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn any_reading_is_shown_true_and_in_its_field(bits in any_bits()) {
        let snapshot = snapshot(&bits, Flags::empty());
        for page in Page::ALL {
            for line in lines(page, &snapshot) {
                prop_assert!(line.len() == 16 && line.is_ascii(), "{page:?} {line:?}");
                prop_assert!(!line.contains('>') && !line.contains("-0W"), "{page:?} {line:?}");
            }
        }
        let real = |bits: u64, fraction: i32| bits as f64 / 2f64.powi(fraction);
        let signed = |bits: i64, fraction: i32| bits as f64 / 2f64.powi(fraction);
        let lower = |page| lines(page, &snapshot)[1].clone();
        let (volt, ampere) = (real(bits.voltage, 32), real(bits.current, 32));
        holds(&lower(Page::Voltage), "V", volt, false);
        holds(&lower(Page::Current), "A", ampere, false);
        holds(&lower(Page::Residual), "A", real(bits.residual, 32), false);
        holds(&lower(Page::Active), "W", signed(bits.active, 24), false);
        holds(&lower(Page::Reactive), "var", signed(bits.reactive, 24), false);
        holds(&lower(Page::PhaseAngle), "deg", signed(bits.phase.into(), 23), false);
        holds(&lower(Page::Frequency), "Hz", real(bits.frequency.into(), 24), false);
        let watt_hours = |[a, b]: [u64; 2]| real(a.saturating_add(b), 16) / 3_600.0;
        holds(&lower(Page::Normal), "Wh", watt_hours(bits.continuous), true);
        let since = [0, 1].map(|n| bits.continuous[n] - bits.at_reset[n]);
        holds(&lower(Page::Resettable), "Wh", watt_hours(since), true);

        // The upper line of the normal view shows the same with fewer digits.
        let upper = lines(Page::Normal, &snapshot)[0].clone();
        holds(&upper[..4], "V", volt, false);
        holds(&upper[5..10], "A", ampere, false);
        holds(&upper[10..], "W", signed(bits.active, 24), false);

        let seconds = (bits.operation - bits.reset_at) >> 32;
        let time = lines(Page::Resettable, &snapshot)[0].clone();
        let parts: Vec<u64> = time.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
        let units: &[u64] = if time.contains('d') { &[86_400, 3_600, 60] } else { &[3_600, 60, 1] };
        let shown: u64 = parts.iter().zip(units).map(|(part, unit)| part * unit).sum();
        prop_assert_eq!((shown, parts.len()), (seconds / units[2] * units[2], 3), "{}", time);
    }

    /// The figure that is shown is the finest one that fits.
    #[test]
    fn a_field_is_made_use_of(value: u64, shift in 0u32..64, width in 4usize..=16, decimals in 0i8..=4) {
        let exact = Exact::voltage(Volt::from_bits(value >> shift));
        let text = Figure { exact: Some(exact), unit: "V", in_thousandths: false, decimals, width }.to_string();
        prop_assert_eq!(text.len(), width);
        let truth = (value >> shift) as f64 / 2f64.powi(32);
        let step = holds(&text, "V", truth, false);
        // All that is known, or four digits behind a point, or no room for one more and its point.
        let (shown, behind) = (text.trim(), text.split_once('.').map_or(0, |(_, behind)| behind.len() - 2));
        let is_finest = step <= 10f64.powi(-i32::from(decimals)) * 1.5;
        prop_assert!(is_finest || behind == 4 || shown.len() + 2 > width, "{}", text);
    }
}

/// A field in which no unit fits shows the over-range sign, however narrow it is.
#[test]
fn what_fits_in_no_unit_is_over_range() {
    let figure = |unit, width| {
        let exact = Some(Exact::power(Power::MIN));
        Figure { exact, unit, in_thousandths: false, decimals: 0, width }.to_string()
    };
    assert_eq!([7, 6, 5].map(|width| figure("W", width)), [" -550GW", "-550GW", " -1TW"]);
    assert_eq!([figure("W", 3), figure("W", 2), figure("W", 1), figure("var", 3)], [" >W", ">W", ">", "  >"]);
    let none = Figure { exact: None, unit: "W", in_thousandths: false, decimals: 0, width: 2 };
    assert_eq!(none.to_string(), "--");
}
