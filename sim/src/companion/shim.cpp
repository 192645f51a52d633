// The Verilator model of the companion with its memory, behind a few C functions.

#include "Vcompanion.h"
#include "Vcompanion___024root.h"
#include <cstdint>
#include <verilated.h>

// `companion::Wires`, in the same order.
struct Wires {
    uint8_t reset, timer, uart, core;
    uint8_t leds, retired, trapped, asleep;
    uint32_t pc;
};

static Vcompanion___024root *root(void *handle) {
    return static_cast<Vcompanion *>(handle)->rootp;
}

extern "C" {

void *companion_new() {
    Vcompanion *model = new Vcompanion(new VerilatedContext);
    model->eval();
    return model;
}

void companion_free(void *handle) {
    Vcompanion *model = static_cast<Vcompanion *>(handle);
    VerilatedContext *context = model->contextp();
    model->final();
    delete model;
    delete context;
}

// What happens in this cycle out, inputs in, one edge of the clock (see shim.cpp), and the address behind it. Every
// input goes into a register first: nothing that is read here depends on those of the same cycle.
void companion_cycle(void *handle, Wires *wires) {
    Vcompanion *model = static_cast<Vcompanion *>(handle);
    wires->leds = model->leds;
    wires->retired = root(handle)->top__DOT__cpu__DOT__retired;
    wires->trapped = root(handle)->top__DOT__cpu__DOT__trapped;
    wires->asleep = root(handle)->top__DOT__cpu__DOT__asleep;
    model->reset = wires->reset;
    model->interrupt_timer = wires->timer;
    model->interrupt_uart = wires->uart;
    model->interrupt_core = wires->core;
    model->clock = !model->clock;
    model->eval();
    wires->pc = root(handle)->top__DOT__cpu__DOT__pc__024q;
}

// The block RAM of the first or second operand: 64 words.
uint32_t *companion_registers(void *handle, uint32_t operand) {
    return operand == 0 ? &root(handle)->top__DOT__cpu__DOT__registers__DOT__memory[0]
                        : &root(handle)->top__DOT__cpu__DOT__registers_b__DOT__memory[0];
}

// One byte of every word of the memory, 0 for the lowest.
uint8_t *companion_lane(void *handle, uint32_t lane) {
    switch (lane) {
    case 0: return &root(handle)->top__DOT__memory__DOT__lanes__0240__DOT__memory[0];
    case 1: return &root(handle)->top__DOT__memory__DOT__lanes__0241__DOT__memory[0];
    case 2: return &root(handle)->top__DOT__memory__DOT__lanes__0242__DOT__memory[0];
    default: return &root(handle)->top__DOT__memory__DOT__lanes__0243__DOT__memory[0];
    }
}

} // extern "C"
