#[derive(Clone, Debug, clap::Args)]
pub struct CheckOptions {}
#[derive(Clone, Debug, clap::Args)]
pub struct ConvertOptions {}
pub fn check(_: &CheckOptions) -> Result<u8, std::io::Error> { Ok(0) }
pub fn encode(_: &ConvertOptions) -> Result<u8, std::io::Error> { Ok(0) }
pub fn decode(_: &ConvertOptions) -> Result<u8, std::io::Error> { Ok(0) }
