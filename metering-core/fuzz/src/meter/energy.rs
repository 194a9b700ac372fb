//! The energy of one current over one window, whatever the codes were.

use metering_core::energy::Energy;
use metering_core::quantity::Second;
use metering_core::reading::CurrentReading;

/// Forward less reverse is power times time but for the last step of each; no part exceeds what the ranges allow.
pub fn judge(current: &CurrentReading, duration: Second, most: f64) {
    let Some(power) = current.power.filter(|_| !current.no_load) else {
        assert_eq!(current.energy, Energy::default());
        return;
    };
    let energy = current.energy;
    for (forward, reverse, power) in [
        (energy.forward_active, energy.reverse_active, power.active),
        (energy.forward_reactive, energy.reverse_reactive, power.reactive),
    ] {
        let net = i128::from(forward.to_bits()) - i128::from(reverse.to_bits());
        let exact = (i128::from(power.to_bits()) * i128::from(duration.to_bits())) >> 40;
        assert!((net - exact).abs() <= 2, "{forward} less {reverse} is not {power} over {duration}");
        let all = forward.to_num::<f64>() + reverse.to_num::<f64>();
        assert!(all <= (12.0 * most + 1e-6) * duration.to_num::<f64>() + 1e-4, "{energy:?} of {most} over {duration}");
    }
}
