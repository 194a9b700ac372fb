/*
 * Calls every function of the C interface with null, short and misaligned arguments, and meters sines whose readings are
 * known in closed form. Prints each check that fails; exits with 1 if one did. Built and run by tests/host.rs.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metering_core.h"

#define RATE 8000
#define PI 3.14159265358979323846
#define Q32 4294967296.0
#define Q24 16777216.0

static int failures, checks;

static void check(int holds, const char *what, int line) {
    checks++;
    if (!holds) failures++, printf("line %d: %s\n", line, what);
}
#define CHECK(condition) check((condition), #condition, __LINE__)
/* The call returns the status that is named after METERING_STATUS_. */
#define GIVES(name, call) check((call) == METERING_STATUS_##name, #call " gives " #name, __LINE__)
#define NEAR(value, expected, relative) \
    check(fabs((double)(value) - (expected)) <= fabs(expected) * (relative), #value " is near " #expected, __LINE__)

/* A pointer one byte behind `pointer`: never aligned for anything here. */
#define ASKEW(pointer) ((void *)((char *)(pointer) + 1))

static metering_state state;
static metering_config config;
static metering_callbacks callbacks;
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

static metering_config one_voltage(uint32_t bits) {
    metering_config made;
    memset(&made, 0x5a, sizeof made);
    GIVES(OK, metering_config_default(&made));
    made.code_bits = bits;
    made.voltage.used = 1;
    made.voltage.range = METERING_Q32(400);
    return made;
}

static void bad_init(void) {
    metering_fault fault;
    config = one_voltage(16);
    GIVES(NULL, metering_config_default(NULL));
    GIVES(MISALIGNED, metering_config_default(ASKEW(&config)));
    GIVES(NULL, metering_init_i16(NULL, sizeof state, &config, &fault));
    GIVES(NULL, metering_init_i16(&state, sizeof state, NULL, &fault));
    GIVES(MISALIGNED, metering_init_i16(ASKEW(&state), sizeof state, &config, &fault));
    GIVES(MISALIGNED, metering_init_i16(&state, sizeof state, ASKEW(&config), &fault));
    GIVES(MISALIGNED, metering_init_i16(&state, sizeof state, &config, ASKEW(&fault)));
    GIVES(SHORT, metering_init_i16(&state, sizeof state - 1, &config, &fault));
    GIVES(SHORT, metering_init_i16(&state, 0, &config, NULL));
    GIVES(NULL, metering_init_i32(NULL, sizeof state, &config, &fault));
    GIVES(NULL, metering_init_i32(&state, sizeof state, NULL, &fault));
    GIVES(MISALIGNED, metering_init_i32(ASKEW(&state), sizeof state, &config, &fault));
    GIVES(MISALIGNED, metering_init_i32(&state, sizeof state, ASKEW(&config), &fault));
    GIVES(SHORT, metering_init_i32(&state, sizeof state - 1, &config, &fault));
    CHECK(metering_version() == METERING_VERSION);
    CHECK(metering_state_size() <= METERING_STATE_SIZE && metering_state_size() + 64 > METERING_STATE_SIZE);
}

/* One wrong setting each: which field and channel are named. */
#define REFUSED(change, field_name, channel_number)                                                       \
    do {                                                                                                  \
        metering_fault fault = {-7, -7};                                                                  \
        config = one_voltage(16);                                                                         \
        config.residual.used = config.monitor.used = config.no_load.used = 1;                             \
        config.residual.range = METERING_Q32(1);                                                          \
        GIVES(OK, metering_init_i16(&state, sizeof state, &config, &fault));                              \
        CHECK(fault.field == METERING_FIELD_NONE && fault.channel == METERING_NO_CHANNEL);                \
        change;                                                                                           \
        GIVES(CONFIG, metering_init_i16(&state, sizeof state, &config, NULL));                            \
        GIVES(CONFIG, metering_init_i16(&state, sizeof state, &config, &fault));                          \
        CHECK(strcmp(metering_field_name(fault.field), field_name) == 0);                                 \
        check(fault.channel == (channel_number), #change " names " #channel_number, __LINE__);            \
    } while (0)

static void bad_settings(void) {
    REFUSED(config.sample_rate = METERING_Q32(1999), "sample_rate", METERING_NO_CHANNEL);
    REFUSED(config.clock = 10001, "clock", METERING_NO_CHANNEL);
    REFUSED(config.code_bits = 17, "code_bits", METERING_NO_CHANNEL);
    REFUSED(config.nominal_hz = 55, "nominal_hz", METERING_NO_CHANNEL);
    REFUSED(config.voltage.range = 0, "range", METERING_VOLTAGE);
    REFUSED(config.currents[6].used = 1, "range", 6);
    REFUSED(config.voltage.gain_ppm = 500001, "gain_ppm", METERING_VOLTAGE);
    REFUSED(config.voltage.phase = 10001, "phase", METERING_VOLTAGE);
    REFUSED(config.voltage.delay = -2561, "delay", METERING_VOLTAGE);
    REFUSED((config.voltage.dc_is_signal = 1, config.voltage.zero = 32768 * 256), "zero", METERING_VOLTAGE);
    REFUSED(config.voltage.noise = METERING_Q32(401), "noise", METERING_VOLTAGE);
    REFUSED(config.voltage.clip_low = 1, "clip", METERING_VOLTAGE);
    REFUSED(config.residual.range = 0, "range", METERING_RESIDUAL);
    REFUSED(config.corner_mhz = 499, "corner_mhz", METERING_RESIDUAL);
    REFUSED(config.corner_mhz = 65536 + 1000, "corner_mhz", METERING_RESIDUAL);
    REFUSED(config.monitor.rated = METERING_Q32(11), "rated", METERING_RESIDUAL);
    REFUSED(config.monitor.detects = 2, "detects", METERING_RESIDUAL);
    REFUSED(config.monitor.pre_warning_percent = 49, "pre_warning_percent", METERING_RESIDUAL);
    REFUSED(config.monitor.hysteresis_percent = 9, "hysteresis_percent", METERING_RESIDUAL);
    REFUSED(config.monitor.characteristic = 3, "characteristic", METERING_RESIDUAL);
    REFUSED(config.monitor.response_delay_ms = 11, "response_delay_ms", METERING_RESIDUAL);
    REFUSED(config.monitor.pre_warning_delay_ms = 10001, "pre_warning_delay_ms", METERING_RESIDUAL);
    REFUSED(config.monitor.release_delay_ms = 300001, "release_delay_ms", METERING_RESIDUAL);
    REFUSED(config.monitor.start_up_delay_ms = 10001, "start_up_delay_ms", METERING_RESIDUAL);
    REFUSED(config.monitor.least_noise = METERING_Q32(0.1), "least_noise", METERING_RESIDUAL);
    REFUSED(config.no_load.hysteresis = 101, "no_load", METERING_NO_CHANNEL);
    REFUSED(config.voltage.used = config.residual.used = 0, "channels", METERING_NO_CHANNEL);
    CHECK(strcmp(metering_field_name(-1), "other") == 0 && strcmp(metering_field_name(1000), "other") == 0);
}

/* What every function says of a bad state, and those of one width of a state of the other. */
static void each_state(metering_status status, metering_state *bad, metering_state *narrow, metering_state *wide) {
    static const int16_t codes[8];
    static const int32_t codes_32[8];
    metering_block_i16 block = {.voltage = codes, .frames = 8};
    metering_block_i32 block_32 = {.voltage = codes_32, .frames = 8};
    uint64_t frames;
    uint32_t bits;
    CHECK(metering_push_i16(narrow, &block, &callbacks) == status);
    CHECK(metering_push_i32(wide, &block_32, &callbacks) == status);
    CHECK(metering_push_interleaved_i16(narrow, codes, 8, &callbacks) == status);
    CHECK(metering_push_interleaved_i32(wide, codes_32, 8, &callbacks) == status);
    CHECK(metering_gap_i16(narrow, 1, &callbacks) == status);
    CHECK(metering_gap_i32(wide, 1, &callbacks) == status);
    CHECK(metering_frames(bad, &frames) == status);
    CHECK(metering_residual_state(bad, &bits) == status);
    CHECK(metering_residual_reset(bad) == status);
    CHECK(metering_residual_test(bad) == status);
}

/* Every function that takes a state: null, misaligned, without a meter, with a meter of the other width. */
static void bad_states(void) {
    static metering_state blank, wide;
    static const int16_t narrow_codes[9];
    static const int32_t wide_codes[9];
    metering_block_i16 block = {.voltage = narrow_codes, .frames = 8};
    metering_block_i32 block_32 = {.voltage = wide_codes, .frames = 8};
    uint64_t frames;
    uint32_t bits;
    config = one_voltage(16);
    GIVES(OK, metering_init_i16(&state, sizeof state, &config, NULL));
    GIVES(OK, metering_init_i32(&wide, sizeof wide, &config, NULL));
    memset(&callbacks, 0, sizeof callbacks);
    each_state(METERING_STATUS_NULL, NULL, NULL, NULL);
    each_state(METERING_STATUS_MISALIGNED, ASKEW(&state), ASKEW(&state), ASKEW(&wide));
    each_state(METERING_STATUS_STATE, &blank, &wide, &state);

    GIVES(NULL, metering_push_i16(&state, NULL, &callbacks));
    GIVES(NULL, metering_push_i16(&state, &block, NULL));
    GIVES(MISALIGNED, metering_push_i16(&state, ASKEW(&block), &callbacks));
    GIVES(MISALIGNED, metering_push_i16(&state, &block, ASKEW(&callbacks)));
    GIVES(NULL, metering_push_i32(&wide, NULL, &callbacks));
    GIVES(NULL, metering_push_i32(&wide, &block_32, NULL));
    GIVES(MISALIGNED, metering_push_i32(&wide, ASKEW(&block_32), &callbacks));
    GIVES(MISALIGNED, metering_push_i32(&wide, &block_32, ASKEW(&callbacks)));
    GIVES(NULL, metering_push_interleaved_i16(&state, NULL, 8, &callbacks));
    GIVES(NULL, metering_push_interleaved_i16(&state, narrow_codes, 8, NULL));
    GIVES(MISALIGNED, metering_push_interleaved_i16(&state, ASKEW(narrow_codes), 8, &callbacks));
    GIVES(NULL, metering_push_interleaved_i32(&wide, NULL, 8, &callbacks));
    GIVES(NULL, metering_push_interleaved_i32(&wide, wide_codes, 8, NULL));
    GIVES(MISALIGNED, metering_push_interleaved_i32(&wide, ASKEW(wide_codes), 8, &callbacks));
    GIVES(LENGTH, metering_push_interleaved_i32(&wide, wide_codes, SIZE_MAX, &callbacks));
    GIVES(NULL, metering_gap_i16(&state, 1, NULL));
    GIVES(MISALIGNED, metering_gap_i16(&state, 1, ASKEW(&callbacks)));
    GIVES(NULL, metering_gap_i32(&wide, 1, NULL));
    GIVES(MISALIGNED, metering_gap_i32(&wide, 1, ASKEW(&callbacks)));
    GIVES(NULL, metering_frames(&state, NULL));
    GIVES(MISALIGNED, metering_frames(&state, ASKEW(&frames)));
    GIVES(NULL, metering_residual_state(&state, NULL));
    GIVES(MISALIGNED, metering_residual_state(&state, ASKEW(&bits)));
    GIVES(REFUSED, metering_residual_test(&state));
    GIVES(OK, metering_residual_reset(&state));

    block.voltage = NULL;
    GIVES(NULL, metering_push_i16(&state, &block, &callbacks));
    block.voltage = ASKEW(narrow_codes);
    GIVES(MISALIGNED, metering_push_i16(&state, &block, &callbacks));
    block = (metering_block_i16){.voltage = narrow_codes, .frames = SIZE_MAX / 2};
    GIVES(LENGTH, metering_push_i16(&state, &block, &callbacks));
    block_32.frames = SIZE_MAX;
    GIVES(LENGTH, metering_push_i32(&wide, &block_32, &callbacks));
    GIVES(OK, metering_frames(&state, &frames));
    CHECK(frames == 0); /* nothing of all that was taken */
    block = (metering_block_i16){.frames = 0};
    GIVES(OK, metering_push_i16(&state, &block, &callbacks)); /* no frame needs no buffer */
    /* Channels that are not configured are not looked at. */
    block = (metering_block_i16){.voltage = narrow_codes, .residual = ASKEW(narrow_codes), .frames = 8};
    GIVES(OK, metering_push_i16(&state, &block, &callbacks));
    GIVES(OK, metering_gap_i16(&state, 5, &callbacks));
    GIVES(OK, metering_frames(&state, &frames));
    CHECK(frames == 13);
    config.currents[3] = config.voltage;
    GIVES(OK, metering_init_i16(&state, sizeof state, &config, NULL));
    GIVES(SHORT, metering_push_interleaved_i16(&state, narrow_codes, 7, &callbacks));
    GIVES(OK, metering_push_interleaved_i16(&state, narrow_codes, 8, &callbacks));
    GIVES(OK, metering_frames(&state, &frames));
    CHECK(frames == 4);
}

static void bad_readings(void) {
    metering_reading reading;
    metering_derived derived;
    metering_units_8311 units;
    metering_energy_registers registers;
    metering_energy_units hours;
    uint64_t digest = 0;
    memset(&reading, 0, sizeof reading);
    memset(&registers, 0, sizeof registers);
    GIVES(NULL, metering_derive(NULL, 0, &derived));
    GIVES(MISALIGNED, metering_derive(ASKEW(&reading), 0, &derived));
    GIVES(CHANNEL, metering_derive(&reading, 0, &derived));
    GIVES(CHANNEL, metering_derive(&reading, UINT32_MAX, &derived));
    reading.voltage.present = reading.currents[0].present = reading.currents[0].has_power = 1;
    GIVES(NULL, metering_derive(&reading, 0, NULL));
    GIVES(MISALIGNED, metering_derive(&reading, 0, ASKEW(&derived)));
    GIVES(NULL, metering_units(NULL, &units));
    GIVES(NULL, metering_units(&reading, NULL));
    GIVES(MISALIGNED, metering_units(ASKEW(&reading), &units));
    GIVES(MISALIGNED, metering_units(&reading, ASKEW(&units)));
    GIVES(NULL, metering_energy_add(NULL, &reading));
    GIVES(NULL, metering_energy_add(&registers, NULL));
    GIVES(MISALIGNED, metering_energy_add(ASKEW(&registers), &reading));
    GIVES(MISALIGNED, metering_energy_add(&registers, ASKEW(&reading)));
    GIVES(NULL, metering_energy_reset(NULL, 0));
    GIVES(MISALIGNED, metering_energy_reset(ASKEW(&registers), 0));
    GIVES(CHANNEL, metering_energy_reset(&registers, METERING_CURRENTS));
    GIVES(NULL, metering_energy_read(NULL, 0, &hours));
    GIVES(NULL, metering_energy_read(&registers, 0, NULL));
    GIVES(MISALIGNED, metering_energy_read(ASKEW(&registers), 0, &hours));
    GIVES(MISALIGNED, metering_energy_read(&registers, 0, ASKEW(&hours)));
    GIVES(CHANNEL, metering_energy_read(&registers, METERING_CURRENTS, &hours));
    GIVES(NULL, metering_digest_update(NULL, &reading));
    GIVES(NULL, metering_digest_update(&digest, NULL));
    GIVES(MISALIGNED, metering_digest_update(ASKEW(&digest), &reading));
    GIVES(MISALIGNED, metering_digest_update(&digest, ASKEW(&reading)));
    registers.accounts[7].reset_at = 1; /* a reset in the future */
    GIVES(CORRUPT, metering_energy_add(&registers, &reading));
    GIVES(CORRUPT, metering_energy_reset(&registers, 0));
    GIVES(CORRUPT, metering_energy_read(&registers, 0, &hours));
    /* Any bits are a reading: nothing of it may trap. */
    for (int n = 0; n < 1000; n++) {
        for (size_t at = 0; at < sizeof reading; at++) ((unsigned char *)&reading)[at] = (unsigned char)(rand() >> 7);
        memset(&registers, 0, sizeof registers);
        GIVES(OK, metering_units(&reading, &units));
        GIVES(OK, metering_energy_add(&registers, &reading));
        GIVES(OK, metering_digest_update(&digest, &reading));
        metering_derive(&reading, (uint32_t)n % METERING_CURRENTS, &derived);
    }
}

/* Ten seconds of 230 V, 10 A lagging by 60 degrees in channel 2 and 60 mA of residual current, at 50 Hz. */
static void sines(uint32_t bits) {
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
static void reentry(void) {
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

int main(void) {
    bad_init();
    bad_settings();
    bad_states();
    bad_readings();
    sines(16);
    sines(24);
    reentry();
    printf("%d checks, %d failed\n", checks, failures);
    return failures != 0;
}
