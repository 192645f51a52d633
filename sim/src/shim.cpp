// One Verilator model behind four C functions. Compiled once for each model, with NAME, HEADER, ROOT_HEADER and,
// for models whose ports are the board's pins, PINS.

#include HEADER
#include ROOT_HEADER
#include <cstdint>
#include <verilated.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define MODEL JOIN(V, NAME)

// The wires of `model::Wires`, in the same order.
struct Wires {
    uint8_t reset, in_valid, in_end, in_data, usb_rx;
    uint8_t out_valid, out_data, in_full, usb_tx, led, retired, waiting, stopped, fault;
    uint32_t stop_address, stop_pointer;
};

extern "C" {

void *JOIN(NAME, _new)() {
    MODEL *model = new MODEL(new VerilatedContext);
    model->eval();
    return model;
}

void JOIN(NAME, _free)(void *handle) {
    MODEL *model = static_cast<MODEL *>(handle);
    VerilatedContext *context = model->contextp();
    model->final();
    delete model;
    delete context;
}

// Outputs out, inputs in, one edge of the clock. The build has made the Verilog take either edge: a cycle is then
// one evaluation, not two. No output depends on an input of the same cycle, so what the last edge left is right.
void JOIN(NAME, _cycle)(void *handle, Wires *wires) {
    MODEL *model = static_cast<MODEL *>(handle);
    auto *root = model->rootp;
#ifdef PINS
    wires->usb_tx = model->usb_tx;
    wires->led = model->led;
    model->rst_n = !wires->reset;
    model->usb_rx = wires->usb_rx;
#else
    wires->out_valid = model->out_valid;
    wires->out_data = model->out_data;
    wires->in_full = model->in_full;
    wires->stopped = model->stopped;
    wires->fault = model->fault;
    model->reset = wires->reset;
    model->in_valid = wires->in_valid;
    model->in_end = wires->in_end;
    model->in_data = wires->in_data;
#endif
    wires->waiting = root->top__DOT__core__DOT__waiting;
    wires->retired = root->top__DOT__core__DOT__retired;
    wires->stop_address = root->top__DOT__core__DOT__stop_address;
    wires->stop_pointer = root->top__DOT__core__DOT__stop_pointer;
    model->clock = !model->clock;
    model->eval();
}

uint8_t *JOIN(NAME, _cells)(void *handle) {
    return &static_cast<MODEL *>(handle)->rootp->top__DOT__core__DOT__cells__DOT__memory[0];
}

uint16_t *JOIN(NAME, _code)(void *handle) {
    return &static_cast<MODEL *>(handle)->rootp->top__DOT__code__DOT__memory[0];
}

} // extern "C"
