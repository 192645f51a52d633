//! The board: its chip and what is at which pin. This is the Alchitry Cu, of which crystal and LEDs come with rust-hdl; another board has another
//! table here, and in `constraints/`, with which the tests compare it.

use rust_hdl::prelude::*;

/// The chip, as an option of nextpnr-ice40.
pub const CHIP: &str = "--hx8k";
/// Its package.
pub const PACKAGE: &str = "cb132";

/// The button, low while it is pressed.
pub const RST_N: &str = "P8";
/// The serial line from the host.
pub const USB_RX: &str = "P14";
/// The serial line to the host.
pub const USB_TX: &str = "M9";
/// The flash's clock.
pub const FLASH_SCK: &str = "P12";
/// The flash is selected while it is low.
pub const FLASH_SELECT_N: &str = "P13";
/// To the flash.
pub const FLASH_MOSI: &str = "M11";
/// From the flash.
pub const FLASH_MISO: &str = "P11";

/// A pin that comes in.
pub(crate) fn input(location: &str) -> Signal<In, bool> {
    let mut pin = Signal::default();
    pin.add_location(0, location);
    pin
}

/// A pin that goes out.
pub(crate) fn output(location: &str) -> Signal<Out, bool> {
    let mut pin = Signal::default();
    pin.add_location(0, location);
    pin
}

/// The crystal, of [`crate::pll::CRYSTAL_HZ`].
pub(crate) fn clock() -> Signal<In, Clock> {
    let mut pin = rust_hdl_bsp_alchitry_cu::pins::clock();
    pin.connect();
    pin
}

/// The LEDs, from number 0 on.
pub(crate) fn leds() -> Signal<Out, Bits<8>> {
    rust_hdl_bsp_alchitry_cu::pins::leds()
}
