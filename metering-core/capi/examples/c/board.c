/*
 * The example on the emulated board mps2-an386: vectors, start-up and output by semihosting, without a C library.
 *
 * Run: qemu-system-arm -M mps2-an386 -nographic -monitor none -serial none -semihosting-config enable=on,target=native
 *      -kernel board.elf
 */
#include "example.h"

extern uint32_t stack_end, data_from, data_start, data_end, bss_start, bss_end;

/* Asks the debugger, here the emulator, for a service. */
static void semihost(uint32_t service, uintptr_t argument) {
    register uint32_t r0 __asm__("r0") = service;
    register uintptr_t r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

static void text(const char *text) { semihost(0x04 /* SYS_WRITE0 */, (uintptr_t)text); }

void say(const char *name, const char *value) {
    text(name);
    text(" ");
    text(value);
    text("\n");
}

void number(const char *name, uint32_t value) {
    char digits[11];
    char *first = digits + sizeof digits - 1;
    *first = 0;
    do *--first = (char)('0' + value % 10);
    while (value /= 10);
    say(name, first);
}

static void fault(void) {
    text("fault\n");
    for (;;) semihost(0x18 /* SYS_EXIT */, 0x20024 /* ADP_Stopped_InternalError */);
}

void reset(void);

void reset(void) {
    for (uint32_t *to = &data_start, *from = &data_from; to < &data_end;) *to++ = *from++;
    for (uint32_t *to = &bss_start; to < &bss_end;) *to++ = 0;
    if (example()) fault();
    uint32_t *deepest = &bss_end; /* the emulator's memory begins with zeroes */
    while (!*deepest) deepest++;
    number("stack_bytes", (uint32_t)((uintptr_t)&stack_end - (uintptr_t)deepest));
    text("end\n");
    for (;;) semihost(0x18 /* SYS_EXIT */, 0x20026 /* ADP_Stopped_ApplicationExit */);
}

__attribute__((section(".vectors"), used)) static void (*const vectors[16])(void) = {
    (void (*)(void))&stack_end, reset, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, fault,
};
