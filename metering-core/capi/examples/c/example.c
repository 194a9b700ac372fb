/*
 * Meters a sequence of blocks with 16-bit and with 24-bit codes and prints a digest of the readings and the last reading.
 *
 * The same file runs on the board (board.c) and on a PC (host.c); the digests are equal, and equal to what the Rust core
 * gives. In a real firmware the blocks come from a DMA instead of `fill`.
 */
#include "example.h"
#include "metering_core.h"

#define LONGEST 100 /* frames in the longest block */
#define BLOCKS 600

enum { VOLTAGE, LOAD, LAMP, RESIDUAL, BUFFERS };

static metering_state meter;
static metering_energy_registers energy;
static metering_reading last;
static uint64_t digest;
static uint32_t windows, alarms;

static int32_t wide[BUFFERS][LONGEST];
static int16_t narrow[BUFFERS][LONGEST];

/* A half wave of two parabolas, with a full scale of 2^15; integers only, so that it is the same everywhere. */
static int32_t wave(uint32_t phase) {
    int32_t x = (int32_t)(phase >> 16) - (phase >> 31 ? 65536 : 0);
    return x * (32768 - (x < 0 ? -x : x)) / 8192;
}

/* The codes of the next block: 50.2 Hz at 8 kHz, LOAD lags by an eighth of a turn, LAMP has a third harmonic. */
static void fill(uint32_t frames, uint32_t *phase, uint32_t *noise) {
    for (uint32_t n = 0; n < frames; n++) {
        *phase += 26950841u;
        *noise = *noise * 1664525u + 1013904223u;
        wide[VOLTAGE][n] = wave(*phase) * 200 + (int32_t)(*noise >> 24);
        wide[LOAD][n] = wave(*phase - (1u << 29)) * 100;
        wide[LAMP][n] = wave(*phase) * 20 + wave(*phase * 3u) * 10;
        wide[RESIDUAL][n] = wave(*phase) * 12;
        for (int buffer = 0; buffer < BUFFERS; buffer++) narrow[buffer][n] = (int16_t)(wide[buffer][n] / 256);
    }
}

static void window(void *user, const metering_reading *reading) {
    (void)user;
    windows++;
    last = *reading;
    metering_digest_update(&digest, reading);
    metering_energy_add(&energy, reading);
}

static void notice(void *user, const metering_notice *notice) {
    (void)user;
    alarms += notice->change == METERING_CHANGE_ALARM && notice->on; /* the place to trip */
}

static const metering_callbacks callbacks = {.window = window, .residual_notice = notice};

static metering_status start(uint32_t bits) {
    metering_config config;
    metering_fault fault;
    metering_config_default(&config);
    config.code_bits = bits;
    config.voltage.used = config.currents[0].used = config.currents[5].used = config.residual.used = 1;
    config.voltage.range = METERING_Q32(400);
    config.currents[0].range = METERING_Q32(25);
    config.currents[5].range = METERING_Q32(10);
    config.residual.range = METERING_Q32(1.2);
    config.corner_mhz = 1000;
    config.monitor.used = 1;
    metering_status status = bits > 16 ? metering_init_i32(&meter, sizeof meter, &config, &fault)
                                       : metering_init_i16(&meter, sizeof meter, &config, &fault);
    if (status == METERING_STATUS_CONFIG) say("refused: ", metering_field_name(fault.field));
    return status;
}

static metering_status run(uint32_t bits) {
    uint32_t phase = 0, noise = 1;
    digest = windows = alarms = 0;
    metering_status status = start(bits);
    for (uint32_t block = 0; block < BLOCKS && status == METERING_STATUS_OK; block++) {
        uint32_t frames = 1 + block * 37 % LONGEST;
        fill(frames, &phase, &noise);
        if (bits > 16) {
            metering_block_i32 codes = {.voltage = wide[VOLTAGE], .residual = wide[RESIDUAL], .frames = frames};
            codes.currents[0] = wide[LOAD], codes.currents[5] = wide[LAMP];
            status = metering_push_i32(&meter, &codes, &callbacks);
        } else {
            metering_block_i16 codes = {.voltage = narrow[VOLTAGE], .residual = narrow[RESIDUAL], .frames = frames};
            codes.currents[0] = narrow[LOAD], codes.currents[5] = narrow[LAMP];
            status = metering_push_i16(&meter, &codes, &callbacks);
        }
    }
    return status;
}

int example(void) {
    for (uint32_t bits = 16; bits <= 24; bits += 8) {
        metering_units_8311 units;
        metering_energy_units hours;
        if (run(bits) || metering_units(&last, &units) || metering_energy_read(&energy, 0, &hours)) return 1;
        number("bits", bits);
        number("windows", windows);
        number("alarms", alarms);
        number("voltage_V", (uint32_t)units.voltage);
        number("frequency_cHz", (uint32_t)units.frequency);
        number("current_mA", (uint32_t)units.currents[0].current);
        number("lamp_mA", (uint32_t)units.currents[5].current);
        number("active_W", (uint32_t)units.currents[0].active);
        number("residual_0.1mA", (uint32_t)units.residual);
        number("operation_s", hours.operation_s);
        number("digest_high", (uint32_t)(digest >> 32));
        number("digest_low", (uint32_t)digest);
    }
    return 0;
}
