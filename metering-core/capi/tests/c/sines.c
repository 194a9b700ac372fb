/* Meters sines whose readings are known in closed form, and tries to use a meter from within its own callback. */
#include "checks.h"

static metering_reading last;
static int windows, half_cycles, cycles, alarms;
static metering_status within[10];

static void on_window(void *user, const metering_reading *reading) {
    windows++;
    last = *reading;
    metering_energy_add(user, reading);
}

static int32_t on_half_cycle(void *user, const metering_half_cycle *half) {
    (void)user;
    half_cycles += half->voltage > 0;
    return 1;
}

static void on_cycle(void *user, uint64_t end_frame, const metering_residual_reading *reading) {
    (void)user;
    cycles += end_frame > 0 && reading->present;
}

static void on_notice(void *user, const metering_notice *notice) {
    (void)user;
    alarms += notice->change == METERING_CHANGE_ALARM && notice->on;
}

/* A window's callback that tries to use the meter it is called from. */
static void on_window_again(void *user, const metering_reading *reading) {
    static const int16_t codes[8];
    metering_block_i16 block = {.voltage = codes, .frames = 8};
    uint64_t frames;
    uint32_t bits;
    (void)user, (void)reading;
    windows++;
    within[0] = metering_push_i16(&state, &block, &callbacks);
    within[1] = metering_push_interleaved_i16(&state, codes, 8, &callbacks);
    within[2] = metering_gap_i16(&state, 1, &callbacks);
    within[3] = metering_frames(&state, &frames);
    within[4] = metering_residual_state(&state, &bits);
    within[5] = metering_residual_test(&state);
    within[6] = metering_residual_reset(&state);
    within[7] = metering_gap_i32(&state, 1, &callbacks);
    within[8] = metering_init_i16(&state, sizeof state, &config, NULL);
    within[9] = metering_init_i32(&state, sizeof state, &config, NULL);
}

/* Ten seconds of 230 V, 10 A lagging by 60 degrees in channel 2 and 60 mA of residual current, at 50 Hz. */
void sines(uint32_t bits) {
    static metering_energy_registers energy;
    static int16_t narrow[3][77];
    static int32_t wide[3][77];
    const double full = ldexp(1, (int)bits - 1);
    metering_derived derived;
    metering_units_8311 units;
    metering_energy_units hours;
    uint32_t now;
    metering_status status = METERING_STATUS_OK;
    memset(&energy, 0, sizeof energy);
    callbacks = (metering_callbacks){&energy, on_window, on_notice, on_cycle, on_half_cycle};
    windows = half_cycles = cycles = alarms = 0;
    config = one_voltage(bits);
    config.currents[2].used = config.residual.used = config.monitor.used = config.monitor.latching = 1;
    config.currents[2].range = METERING_Q32(25);
    config.residual.range = METERING_Q32(1);
    config.monitor.start_up_delay_ms = 0;
    GIVES(OK, bits > 16 ? metering_init_i32(&state, sizeof state, &config, NULL)
                        : metering_init_i16(&state, sizeof state, &config, NULL));
    for (int n = 0; n < 10 * RATE && status == METERING_STATUS_OK;) {
        int frames = n % 5 == 0 ? 77 : 1 + n % 60;
        for (int k = 0; k < frames; k++, n++) {
            double angle = 2 * PI * 50 * n / RATE;
            wide[0][k] = (int32_t)lround(full * 230 * sqrt(2) / 400 * sin(angle));
            wide[1][k] = (int32_t)lround(full * 10 * sqrt(2) / 25 * sin(angle - PI / 3));
            wide[2][k] = (int32_t)lround(full * 0.06 * sqrt(2) * sin(angle));
            for (int c = 0; c < 3; c++) narrow[c][k] = (int16_t)wide[c][k];
        }
        if (bits > 16) {
            metering_block_i32 block = {.voltage = wide[0], .residual = wide[2], .frames = (size_t)frames};
            block.currents[2] = wide[1];
            status = metering_push_i32(&state, &block, &callbacks);
        } else {
            metering_block_i16 block = {.voltage = narrow[0], .residual = narrow[2], .frames = (size_t)frames};
            block.currents[2] = narrow[1];
            status = metering_push_i16(&state, &block, &callbacks);
        }
    }
    CHECK(status == METERING_STATUS_OK);
    CHECK(windows >= 49 && windows <= 51 && half_cycles > 950 && cycles > 480 && alarms == 1);
    CHECK(last.flags == METERING_EVENT); /* the half cycle's callback says so */
    NEAR(last.voltage.rms / Q32, 230.0, 2e-5);
    NEAR(last.voltage.peak / Q32, 230 * sqrt(2), 1e-3);
    NEAR(last.frequency / Q24, 50.0, 1e-6);
    NEAR(last.duration / Q32, 0.2, 1e-5);
    CHECK(last.voltage.present && last.currents[2].present && !last.currents[1].present && last.currents[1].rms == 0);
    NEAR(last.currents[2].rms / Q32, 10.0, 2e-5);
    NEAR(last.currents[2].active / Q24, 1150.0, 1e-4);
    NEAR(last.currents[2].reactive / Q24, 2300 * sin(PI / 3), 1e-4);
    NEAR(last.currents[2].phase / 8388608.0, 60.0, 1e-4);
    NEAR(last.residual.rms / Q32, 0.06, 1e-3);
    CHECK(last.residual.kind == METERING_KIND_SINUSOIDAL);
    GIVES(OK, metering_derive(&last, 2, &derived));
    GIVES(CHANNEL, metering_derive(&last, 1, &derived));
    NEAR(derived.apparent / Q24, 2300.0, 1e-4);
    NEAR(derived.power_factor / 1073741824.0, 0.5, 1e-4);
    NEAR(derived.voltage_crest / Q24, sqrt(2), 1e-3);
    CHECK(derived.quadrant == 1);
    GIVES(OK, metering_units(&last, &units));
    CHECK(units.voltage == 230 && units.frequency == 5000 && units.residual == 600);
    CHECK(units.currents[2].current == 10000 && units.currents[2].active == 1150);
    CHECK(units.currents[2].reactive == 1992 && units.currents[2].apparent == 2300);
    CHECK(units.currents[2].power_factor == 500 && units.currents[2].power_angle == 600);
    /* Active energy: 1150 W over the time of operation, but for the windows before the lock. */
    GIVES(OK, metering_energy_read(&energy, 2, &hours));
    CHECK(hours.operation_s >= 9 && hours.operation_s <= 10 && hours.since_reset_s == hours.operation_s);
    CHECK(hours.continuous.forward_active == 3 && hours.continuous.reverse_active == 0);
    NEAR(energy.accounts[2].continuous.forward_active / 65536.0, 1150 * (energy.operation / Q32), 1e-3);
    GIVES(OK, metering_energy_reset(&energy, 2));
    GIVES(OK, metering_energy_read(&energy, 2, &hours));
    CHECK(hours.resettable.forward_active == 0 && hours.since_reset_s == 0 && hours.continuous.forward_active == 3);
    /* The alarm latches until it is taken back. */
    GIVES(OK, metering_residual_state(&state, &now));
    CHECK(now & METERING_STATE_ALARM);
    GIVES(OK, metering_residual_reset(&state));
    GIVES(OK, metering_residual_state(&state, &now));
    CHECK(!(now & METERING_STATE_ALARM));
    GIVES(OK, metering_residual_test(&state));
    GIVES(REFUSED, metering_residual_test(&state));
}

/* A meter cannot be used from within its own callback, and goes on after that; it may be copied. */
void reentry(void) {
    static metering_state copy;
    static int16_t codes[64];
    metering_block_i16 block = {.voltage = codes, .frames = 64};
    uint64_t frames, copied;
    config = one_voltage(16);
    callbacks = (metering_callbacks){.window = on_window_again};
    windows = 0;
    GIVES(OK, metering_init_i16(&state, sizeof state, &config, NULL));
    for (int n = 0; n < 100; n++) GIVES(OK, metering_push_i16(&state, &block, &callbacks));
    CHECK(windows >= 3);
    for (int n = 0; n < 10; n++) CHECK(within[n] == METERING_STATUS_BUSY);
    copy = state;
    callbacks.window = NULL;
    GIVES(OK, metering_push_i16(&copy, &block, &callbacks));
    GIVES(OK, metering_frames(&state, &frames));
    GIVES(OK, metering_frames(&copy, &copied));
    CHECK(frames == 6400 && copied == 6464);
}
