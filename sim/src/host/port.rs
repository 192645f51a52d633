//! Serial ports: `brainfusion ports`, which one is meant, and the open one.

use super::line::{Line, LineError};
use super::HostError;
use map::BAUD;
use serialport::{ErrorKind, SerialPort, SerialPortInfo, SerialPortType, TTYPort, UsbPortInfo};
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

/// The Alchitry Cu's FT2232H: vendor and product.
const CU: (u16, u16) = (0x0403, 0x6010);
/// The FT2232H's interface that leads to the flash and the configuration of the FPGA. The other one is the serial line.
const CONFIGURATION: u8 = 0;
/// Where the pseudo-terminals of Linux are: a board there is a simulated one.
const PSEUDO: &str = "/dev/pts/";
/// The simulated board needs so many times as long as a board.
const SIMULATED: u32 = 10;
/// The longest time that the port takes no byte.
const WRITE: Duration = Duration::from_secs(10);

/// Which port, and how it is used.
#[derive(Clone, Debug, clap::Args)]
pub struct PortOptions {
    /// The serial port; may be left out if there is one Alchitry Cu
    #[arg(long, value_name = "PORT", env = "BRAINFUSION_PORT")]
    pub port: Option<String>,
    /// Bits a second
    #[arg(long, value_name = "RATE", default_value_t = BAUD)]
    pub baud: u32,
    /// Wait so many times as long as for a board; 10 for a pseudo-terminal
    #[arg(long, value_name = "FACTOR")]
    pub patience: Option<u32>,
}

/// Why there is no port to use.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// The system does not list its ports.
    #[error("the ports cannot be listed ({0}); name one with --port")]
    List(serialport::Error),
    /// No board.
    #[error(
        "no serial port looks like an Alchitry Cu; plug its USB cable in, or name a port with --port (`brainfusion \
         ports` lists them)"
    )]
    NoBoard,
    /// Which board?
    #[error("more than one port may be meant: {}; choose one with --port", .0.join(", "))]
    Several(Vec<String>),
    /// The port cannot be opened.
    #[error("{port}: {error}; {}", advice(.error))]
    Open {
        /// Which.
        port: String,
        /// What the system says.
        error: serialport::Error,
    },
}

/// What to do when a port cannot be opened.
fn advice(error: &serialport::Error) -> &'static str {
    match error.kind() {
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => {
            "put yourself into the group of serial ports (`sudo usermod -aG dialout $USER`), log in again, and give \
             the command again"
        }
        ErrorKind::Io(io::ErrorKind::NotFound) => "look for the port with `brainfusion ports`",
        ErrorKind::InvalidInput => "give another --baud",
        _ => "end the other programs that use it, or look for another port with `brainfusion ports`",
    }
}

impl PortOptions {
    /// The port that is meant.
    pub fn find(&self) -> Result<String, PortError> {
        match &self.port {
            Some(port) if !port.is_empty() => Ok(port.clone()),
            _ => choose(&list()?),
        }
    }

    /// How many times as long as for a board to wait at this port.
    pub fn patience_at(&self, port: &str) -> u32 {
        self.patience.unwrap_or(if port.starts_with(PSEUDO) { SIMULATED } else { 1 })
    }
}

/// All ports of the system.
fn list() -> Result<Vec<SerialPortInfo>, PortError> {
    // Without /sys (a container may have none) the crate would panic.
    if cfg!(target_os = "linux") && !std::path::Path::new("/sys/class/tty").is_dir() {
        return Ok(Vec::new());
    }
    let mut ports = serialport::available_ports().map_err(PortError::List)?;
    // macOS lists each one twice; this one waits for a modem's carrier.
    ports.retain(|port| !port.port_name.starts_with("/dev/tty."));
    ports.sort_by(|a, b| a.port_name.cmp(&b.port_name));
    Ok(ports)
}

fn is_cu(usb: &UsbPortInfo) -> bool {
    (usb.vid, usb.pid) == CU
}

/// The only one that can be a board's serial line.
fn choose(ports: &[SerialPortInfo]) -> Result<String, PortError> {
    let is_line = |port: &&SerialPortInfo| match &port.port_type {
        SerialPortType::UsbPort(usb) => is_cu(usb) && usb.interface != Some(CONFIGURATION),
        _ => false,
    };
    let lines: Vec<String> = ports.iter().filter(is_line).map(|port| port.port_name.clone()).collect();
    match &lines[..] {
        [] => Err(PortError::NoBoard),
        [one] => Ok(one.clone()),
        _ => Err(PortError::Several(lines)),
    }
}

/// What a port is.
fn describe(port: &SerialPortInfo) -> String {
    match &port.port_type {
        SerialPortType::UsbPort(usb) => {
            let mut text = format!("USB {:04x}:{:04x}", usb.vid, usb.pid);
            let words = [&usb.manufacturer, &usb.product, &usb.serial_number];
            for word in words.into_iter().flatten().filter(|word| !word.is_empty()) {
                text += " ";
                text += word;
            }
            match (is_cu(usb), usb.interface) {
                (false, _) => {}
                (true, Some(CONFIGURATION)) => {
                    text += ": may be an Alchitry Cu, its configuration: not this one"
                }
                (true, Some(_)) => text += ": may be an Alchitry Cu, its serial line",
                (true, None) => text += ": may be an Alchitry Cu",
            }
            text
        }
        SerialPortType::PciPort => "PCI".to_owned(),
        SerialPortType::BluetoothPort => "Bluetooth".to_owned(),
        SerialPortType::Unknown => "built in".to_owned(),
    }
}

/// The list as people read it, with what to do next.
fn report(ports: &[SerialPortInfo]) -> String {
    let mut text = String::new();
    for port in ports {
        text += &format!("{}  {}\n", port.port_name, describe(port));
    }
    text += &match choose(ports) {
        Ok(port) => format!("`brainfusion monitor` uses {port}\n"),
        Err(PortError::NoBoard) => {
            let several = if ports.is_empty() {
                "there is no serial port"
            } else {
                "no port looks like an Alchitry Cu"
            };
            format!(
                "{several}; plug the board's USB cable in (a cable for data, not only for power) and look again. \
                 Without a board: `brainfusion board --flash FILE --pty` prints a port\n"
            )
        }
        Err(error) => format!("{error}\n"),
    };
    text
}

/// The list of ports, for the user.
pub fn ports() -> Result<String, HostError> {
    Ok(report(&list()?))
}

/// An open port.
pub struct OpenPort {
    port: TTYPort,
    start: Instant,
}

impl OpenPort {
    /// Opens a port: 8 bits, no parity, one stop bit, nobody else.
    pub fn open(port: &str, baud: u32) -> Result<OpenPort, PortError> {
        let opened = serialport::new(port, baud).timeout(WRITE).open_native();
        let opened = opened.map_err(|error| PortError::Open { port: port.to_owned(), error })?;
        Ok(OpenPort { port: opened, start: Instant::now() })
    }

    /// Holds the line low for longer than a byte, which is a break.
    pub fn send_break(&mut self) -> Result<(), LineError> {
        const BREAK: Duration = Duration::from_millis(100);
        self.port.set_break().map_err(io::Error::from)?;
        std::thread::sleep(BREAK);
        Ok(self.port.clear_break().map_err(io::Error::from)?)
    }
}

impl Line for OpenPort {
    fn read(&mut self, bytes: &mut [u8], most: Duration) -> io::Result<usize> {
        self.port.set_timeout(most)?;
        loop {
            match self.port.read(bytes) {
                Ok(0) => return Err(io::ErrorKind::BrokenPipe.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::TimedOut => return Ok(0),
                result => return result,
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.port.set_timeout(WRITE)?;
        self.port.write_all(bytes)
    }

    fn now(&mut self) -> Duration {
        self.start.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usb(name: &str, (vid, pid): (u16, u16), interface: Option<u8>) -> SerialPortInfo {
        let info = UsbPortInfo {
            vid,
            pid,
            serial_number: None,
            manufacturer: None,
            product: Some("Alchitry Cu".to_owned()),
            interface,
        };
        SerialPortInfo { port_name: name.to_owned(), port_type: SerialPortType::UsbPort(info) }
    }

    #[test]
    fn the_second_interface_of_a_cu_is_its_serial_line() {
        let other = SerialPortInfo { port_name: "/dev/ttyS0".to_owned(), port_type: SerialPortType::Unknown };
        let ports = [
            other,
            usb("/dev/ttyUSB0", CU, Some(0)),
            usb("/dev/ttyUSB1", CU, Some(1)),
            usb("/dev/ttyUSB2", (0x1234, 0x6010), Some(1)),
        ];
        assert_eq!(choose(&ports).ok().as_deref(), Some("/dev/ttyUSB1"));
        let said = report(&ports);
        assert!(
            said.contains("/dev/ttyUSB1  USB 0403:6010 Alchitry Cu: may be an Alchitry Cu, its serial"),
            "{said}"
        );
        assert!(said.ends_with("`brainfusion monitor` uses /dev/ttyUSB1\n"), "{said}");
    }

    #[test]
    fn none_and_several_say_what_to_do() {
        assert!(matches!(choose(&[]), Err(PortError::NoBoard)));
        assert!(report(&[]).contains("plug the board's USB cable in"));
        let two = [usb("a", CU, Some(1)), usb("b", CU, None)];
        let said = choose(&two).expect_err("two").to_string();
        assert_eq!(said, "more than one port may be meant: a, b; choose one with --port");
        assert!(report(&two).ends_with("choose one with --port\n"));
    }

    #[test]
    fn a_port_that_is_not_there_says_where_to_look() {
        let said = OpenPort::open("/dev/not-there", BAUD).err().expect("it is not there").to_string();
        assert!(said.ends_with("look for the port with `brainfusion ports`"), "{said}");
    }

    #[test]
    fn a_simulated_board_gets_more_time() {
        let options = PortOptions { port: None, baud: BAUD, patience: None };
        assert_eq!((options.patience_at("/dev/pts/3"), options.patience_at("/dev/ttyUSB1")), (SIMULATED, 1));
        assert_eq!(PortOptions { patience: Some(4), ..options }.patience_at("/dev/pts/3"), 4);
    }
}
