//! Addresses within a network: `cidr`.

use std::net::IpAddr;

use super::flaw::Flaw;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    first: IpAddr,
    bits: u32,
}

impl Network {
    /// The words of event-ruler (LocalStack's `content_ip_address_*_EXC`, recorded on AWS [OBS]).
    pub(super) fn read(text: &str) -> Result<Self, Flaw> {
        let parts: Vec<&str> = text.split('/').collect();
        let [address, mask] = parts.as_slice() else {
            return Err(Flaw::nowhere("Malformed CIDR, one '/' required"));
        };
        let bits: i32 = mask
            .parse()
            .map_err(|_| Flaw::nowhere("Malformed CIDR, mask bits must be an integer"))?;
        let bits = u32::try_from(bits)
            .map_err(|_| Flaw::nowhere("Malformed CIDR, mask bits must not be negative"))?;
        let first: IpAddr = address
            .parse()
            .map_err(|_| Flaw::nowhere(format!("Nonstandard IP address: {address}")))?;
        match first {
            IpAddr::V4(_) if bits > 31 => Err(Flaw::nowhere("IPv4 mask bits must be < 32")),
            IpAddr::V6(_) if bits > 127 => Err(Flaw::nowhere("IPv6 mask bits must be < 128")),
            _ => Ok(Self { first, bits }),
        }
    }

    /// From the address that is named to the last of its network.
    pub(super) fn has(&self, text: &str) -> bool {
        match (self.first, text.parse()) {
            (IpAddr::V4(first), Ok(IpAddr::V4(one))) => {
                let last = first.to_bits() | (u32::MAX >> self.bits);
                (first.to_bits()..=last).contains(&one.to_bits())
            }
            (IpAddr::V6(first), Ok(IpAddr::V6(one))) => {
                let last = first.to_bits() | (u128::MAX >> self.bits);
                (first.to_bits()..=last).contains(&one.to_bits())
            }
            _ => false,
        }
    }
}
