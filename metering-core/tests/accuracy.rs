//! Readings of synthetic sines against their closed form in f64.

mod common;

use common::Mains;

#[test]
fn sines_over_the_grid() {
    for hertz in [42.5, 45.0, 47.3, 50.0, 51.7, 54.9, 60.0, 65.0, 69.0] {
        for lag in [0.0, 60.0, -36.87, 150.0, -120.0] {
            for rate in [4_000.0, 8_000.0] {
                let mains = Mains { hertz, lag, rate, start: hertz * 77.0 % 360.0, ..Mains::default() };
                let readings = mains.readings(2.5, |code| code);
                let worst = mains.worst(&readings[6..]);
                println!("{hertz} Hz {lag} deg {rate} Hz: {worst:9.5?}");
                assert!(readings.len() >= 10);
                assert!(worst[..4].iter().all(|&ppm| ppm < 5.0) && worst[4] < 1e-4 && worst[5] < 5e-4, "{worst:?}");
            }
        }
    }
}
