//! What a line is answered.

use super::desk::{Desk, snapshot};
use hil_board::device::console::command::{Command, Sensors};
use hil_board::device::settings::line;
use hil_board::device::{Sensor, Snapshot};
use metering_core::energy::{Account, Energy, Registers};
use metering_core::quantity::{Ampere, Degree, Power, Second, WattSecond};
use metering_core::reading::{CurrentReading, PowerReading};
use metering_core::residual::State;

#[test]
fn figures_by_their_numbers() {
    let mut desk = Desk::new();
    let none = [r#"L=1,L="Line",0="0Wh",1="-",2="-",3="-",12="0s""#, "OK."];
    assert_eq!(desk.ask(r#"linesensor 1 "0,1,2,3,12" show"#), none);
    desk.snapshot = snapshot();
    let some = [r#"L=1,L="Line",0="13257Wh",1="1017W",2="225V",3="5.014A",12="28138s""#, "OK."];
    assert_eq!(desk.ask(r#"linesensor 1 "0,1,2,3,12" show"#), some);
    assert_eq!(desk.ask(r#"linesensor all "12, 3,2,1,0,0" show"#), some);
    assert_eq!(desk.ask("linesensor 1 4 show"), [r#"L=1,L="Line",4="50.02Hz""#, "OK."]);
    let all = concat!(
        r#"L=1,L="Line",0="13257Wh",1="1017W",2="225V",3="5.014A",4="50.02Hz",5="0.900",6="25.8deg",7="1130VA",8="492var","#,
        r#"9="421Wh",10="0varh",11="0varh",12="28138s",13="13257Wh",14="0varh",15="421Wh",16="0varh",17="0Wh",18="0varh","#,
        r#"19="0Wh",20="0varh""#
    );
    assert_eq!(desk.ask("linesensor 1 all show"), [all, "OK."]);
    line::read(r#"portsensor 3 label set "Rack #7""#).unwrap().apply(&mut desk.settings);
    let port = r#"P=3,L="Rack #7",1="-270W",3="1.200A",5="-1.000",6="-180.0deg",8="0var""#;
    assert_eq!(desk.ask(r#"portsensor 3 "1,3,5,6,8" show"#), [port, "OK."]);
    let ports = desk.ask("portsensor all 3 show");
    assert_eq!(ports.len(), 8);
    assert_eq!(
        (&*ports[0], &*ports[2], &*ports[7]),
        (r#"P=1,L="Port 1",3="-""#, r#"P=3,L="Rack #7",3="1.200A""#, "OK.")
    );
    assert!(matches!(desk.done.last(), Some((Command::Readings(Sensors::Ports, 8), _))));
    assert!(matches!(desk.done[4], (Command::Readings(Sensors::One(Sensor::Line(1)), 0x1f_ffff), _)));
}

#[test]
fn the_residual_current_and_its_monitor() {
    let mut desk = Desk::new();
    let none = r#"rms="-",ac="-",dc="-",peak="-",kind="-",state="none""#;
    assert_eq!(desk.ask("residual show"), [none, "OK."]);
    desk.snapshot = snapshot();
    desk.snapshot.set_residual(State::PRE_WARNING | State::SENSOR_SATURATED);
    let some = concat!(
        r#"rms="1.2mA",ac="1.2mA",dc="-0.4mA",peak="1.8mA",kind="sinusoidal","#,
        r#"state="pre-warning, sensor saturated""#
    );
    assert_eq!(desk.ask("residual show"), [some, "OK."]);
}

#[test]
fn settings_are_shown_as_they_are_exported() {
    let mut desk = Desk::new();
    let export: Vec<String> = line::export(&desk.settings, 0).map(|line| line.to_string()).collect();
    let told = desk.ask("settings show");
    assert_eq!((&told[..export.len()], &told[export.len()..]), (&export[..], &["OK.".to_owned()][..]));
    for (line, begin) in
        [("residual rated show", "residual rated set 300 "), ("portsensor 3 label show", "portsensor 3 label set")]
    {
        let told = desk.ask(line);
        assert!(told.len() == 2 && told[0].starts_with(begin) && export.contains(&told[0]), "{told:?}");
    }
    // A label may be any word, that of a command as well.
    assert_eq!(desk.ask("portsensor 3 label set \"show\""), ["OK."]);
    assert!(matches!(desk.done.last(), Some((Command::Change, _))));
    // Each of its lines can be typed.
    for line in &export {
        assert_eq!(desk.ask(line), ["OK."], "{line}");
    }
    assert!(desk.done.iter().rev().take(export.len()).all(|(command, _)| matches!(command, Command::Change)));
    let help = desk.ask("help");
    assert!(help.len() > 10 && help.iter().all(|line| line.len() < 100) && help.last().unwrap() == "OK.");
}

#[test]
fn what_cannot_be_is_refused_in_a_line() {
    let mut desk = Desk::new();
    for (line, parts) in [
        ("reboot", &["help"][..]),
        ("system off", &["help"]),
        ("settings", &["help"]),
        ("show", &["help"]),
        ("residual colour show", &["no such setting of residual", "rated"]),
        ("residual rated set 7", &["60..5000"]),
        ("residual rated set 70 0 0 0", &["residual rated set VALUE"]),
        ("portsensor 8 all show", &["no such portsensor", "1..7"]),
        ("portsensor 0 1 show", &["no such portsensor", "1..7"]),
        ("linesensor 2 1 show", &["no such linesensor", "1..1"]),
        ("linesensor +1 1 show", &["no such linesensor"]),
        ("linesensor 1 21 show", &["no such figure", "0..20"]),
        ("linesensor 1 \"1,,2\" show", &["no such figure"]),
        ("linesensor 1 \"1,2", &["quote"]),
        ("linesensor all show", &["no such figure"]),
        ("linesensor all colour show", &["no such figure"]),
        ("settings apply", &["nothing was changed"]),
        ("portsensor 3 label set show", &["in quotes"]),
        ("portsensor all label set \"show\"", &["no such portsensor"]),
    ] {
        let answer = desk.ask(line);
        assert_eq!(answer.len(), 1, "{line}: {answer:?}");
        assert!(
            answer[0].starts_with("ERR. ") && parts.iter().all(|part| answer[0].contains(part)),
            "{line}: {answer:?}"
        );
    }
    for silent in ["", "   ", "# a comment", "  # residual rated set 7"] {
        assert_eq!(desk.ask(silent), [""; 0], "{silent:?}");
    }
    for (line, command) in
        [("energy reset", "EnergyReset"), ("system restart # now", "Restart"), ("system version", "Version")]
    {
        assert_eq!(desk.ask(line), ["OK."]);
        assert_eq!(format!("{:?}", desk.done.last().unwrap().0), command);
    }
}

#[test]
fn the_longest_lines_have_room() {
    let mut desk = Desk::new();
    let most = WattSecond::MAX;
    let all = Energy {
        forward_active: most / 2,
        reverse_active: most / 2,
        forward_reactive: most / 2,
        reverse_reactive: most / 2,
        apparent: most,
    };
    let account = Account { continuous: all, at_reset: Energy::default(), reset_at: Second::ZERO };
    desk.snapshot = Snapshot::new(&Registers::restore(Second::MAX, [account; 8]).unwrap());
    let mut reading = *snapshot().reading().unwrap();
    let current = reading.currents[0].unwrap();
    let power = PowerReading {
        active: Power::MIN,
        fundamental_active: Power::MIN,
        reactive: Power::MIN,
        phase: Degree::from_num(-179.96),
    };
    reading.currents = [Some(CurrentReading { rms: Ampere::MAX, power: Some(power), ..current }); 8];
    desk.snapshot.window(&reading);
    line::read(r#"portsensor 7 label set "WWWWWWWWWWWWWWW""#).unwrap().apply(&mut desk.settings);
    let lines = desk.ask("portsensor 7 all show");
    assert!(lines[0].ends_with(",20=\"39093746765varh\"") && lines[0].len() < 510, "{} {}", lines[0].len(), lines[0]);
    desk.snapshot.set_residual(State::all());
    assert!(desk.ask("residual show")[0].ends_with("self-test\""));
}
