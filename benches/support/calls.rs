//! The calls that sercost's codecs make, written down plainly for a type, as a user's own loop has them.

use sercost::Study;
use sercost::payload::native::{BorshType, RkyvBuffer, RkyvType, SpeedyType, WincodeConfig, WincodeType};
use serde::{Serialize, de::DeserializeOwned};

/// A type that every codec takes.
pub(crate) trait Kind:
    Serialize
    + DeserializeOwned
    + BorshType
    + RkyvType
    + SpeedyType
    + WincodeType
    + bitcode::Encode
    + bitcode::DecodeOwned
    + PartialEq
    + Send
    + Sync
    + 'static
{
}

impl<T> Kind for T where
    T: Serialize
        + DeserializeOwned
        + BorshType
        + RkyvType
        + SpeedyType
        + WincodeType
        + bitcode::Encode
        + bitcode::DecodeOwned
        + PartialEq
        + Send
        + Sync
        + 'static
{
}

/// A codec's two calls. Failures are panics: the values are known to be taken.
pub(crate) struct Call<T> {
    pub(crate) name: &'static str,
    /// Appends to a vector, which is empty.
    pub(crate) encode: fn(&T, &mut Vec<u8>),
    pub(crate) decode: fn(&[u8]) -> T,
    /// Hands a study the codec, where it is not one of those that speak serde.
    bring: Option<fn(Study) -> Study>,
}

/// A study of that value in that codec alone, in this process.
pub(crate) fn study<T: Kind>(payload: &str, value: &T, call: &Call<T>) -> Study {
    let study = Study::new().value(payload, value).formats([call.name]);
    match call.bring {
        Some(bring) => bring(study),
        None => study,
    }
}

/// All codecs but sercost's own pickle writer, which no other program calls, and `null`, which has nothing to decode.
pub(crate) fn calls<T: Kind>() -> Vec<Call<T>> {
    let mut all = by_serde();
    all.extend(by_derive());
    all
}

/// bincode's own writer for vectors is slower, and not public.
struct Buffer<'a>(&'a mut Vec<u8>);

impl bincode::enc::write::Writer for Buffer<'_> {
    #[inline(always)]
    fn write(&mut self, bytes: &[u8]) -> Result<(), bincode::error::EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

const VARINT: bincode::config::Configuration = bincode::config::standard();
const FIXED: bincode::config::Configuration<bincode::config::LittleEndian, bincode::config::Fixint> =
    bincode::config::standard().with_fixed_int_encoding();

const TAKES: &str = "the codec takes the value";
const GIVES: &str = "the codec gives back the value";

fn by_serde<T: Kind>() -> Vec<Call<T>> {
    let call = |name, encode, decode| Call { name, encode, decode, bring: None };
    vec![
        call(
            "json",
            |value, out| serde_json::to_writer(out, value).expect(TAKES),
            |bytes| serde_json::from_slice(bytes).expect(GIVES),
        ),
        call(
            "bincode",
            |value, out| bincode::serde::encode_into_writer(value, Buffer(out), VARINT).expect(TAKES),
            |bytes| bincode::serde::decode_from_slice(bytes, VARINT).expect(GIVES).0,
        ),
        call(
            "bincode-fixed",
            |value, out| bincode::serde::encode_into_writer(value, Buffer(out), FIXED).expect(TAKES),
            |bytes| bincode::serde::decode_from_slice(bytes, FIXED).expect(GIVES).0,
        ),
        call(
            "postcard",
            |value, out| *out = postcard::to_extend(value, std::mem::take(out)).expect(TAKES),
            |bytes| postcard::from_bytes(bytes).expect(GIVES),
        ),
        call(
            "msgpack",
            |value, out| rmp_serde::encode::write(out, value).expect(TAKES),
            |bytes| rmp_serde::from_slice(bytes).expect(GIVES),
        ),
        call(
            "msgpack-named",
            |value, out| rmp_serde::encode::write_named(out, value).expect(TAKES),
            |bytes| rmp_serde::from_slice(bytes).expect(GIVES),
        ),
        call(
            "cbor",
            |value, out| *out = minicbor_serde::to_vec(value).expect(TAKES),
            |bytes| minicbor_serde::from_slice(bytes).expect(GIVES),
        ),
        call(
            "ciborium",
            |value, out| ciborium::into_writer(value, out).expect(TAKES),
            |bytes| ciborium::from_reader(bytes).expect(GIVES),
        ),
        call(
            "serde-pickle:3",
            |value, out| serde_pickle::to_writer(out, value, serde_pickle::SerOptions::new()).expect(TAKES),
            |bytes| serde_pickle::from_slice(bytes, serde_pickle::DeOptions::new()).expect(GIVES),
        ),
        call(
            "bitcode",
            |value, out| *out = bitcode::serialize(value).expect(TAKES),
            |bytes| bitcode::deserialize(bytes).expect(GIVES),
        ),
        call(
            "bson",
            |value, out| bson::serialize_to_buffer(value, out).expect(TAKES),
            |bytes| bson::deserialize_from_slice(bytes).expect(GIVES),
        ),
        call(
            "flexbuffers",
            |value, out| *out = flexbuffers::to_vec(value).expect(TAKES),
            |bytes| flexbuffers::from_slice(bytes).expect(GIVES),
        ),
        call(
            "smile",
            |value, out| serde_smile::to_writer(out, value).expect(TAKES),
            |bytes| serde_smile::from_slice(bytes).expect(GIVES),
        ),
    ]
}

fn by_derive<T: Kind>() -> Vec<Call<T>> {
    use rkyv::rancor::Error;
    let call = |name, encode, decode, bring| Call { name, encode, decode, bring: Some(bring) };
    vec![
        call(
            "rkyv",
            |value, out| {
                // As `rkyv::to_bytes`, whose vector grows to powers of two, but into an ordinary one.
                *out = rkyv::api::high::to_bytes_in::<_, Error>(value, RkyvBuffer(Vec::new())).expect(TAKES).0;
            },
            |bytes| rkyv::from_bytes::<T, Error>(bytes).expect(GIVES),
            Study::rkyv::<T>,
        ),
        call(
            "borsh",
            |value, out| borsh::to_writer(out, value).expect(TAKES),
            |bytes| borsh::from_slice(bytes).expect(GIVES),
            Study::borsh::<T>,
        ),
        call(
            "wincode",
            |value, out| *out = wincode::config::serialize(value, WincodeConfig::new()).expect(TAKES),
            |bytes| wincode::config::deserialize_exact(bytes, WincodeConfig::new()).expect(GIVES),
            Study::wincode::<T>,
        ),
        call(
            "speedy",
            |value, out| *out = value.write_to_vec_with_ctx(speedy::LittleEndian {}).expect(TAKES),
            |bytes| T::read_from_buffer_with_ctx(speedy::LittleEndian {}, bytes).expect(GIVES),
            Study::speedy::<T>,
        ),
        call(
            "bitcode-derive",
            |value, out| *out = bitcode::encode(value),
            |bytes| bitcode::decode(bytes).expect(GIVES),
            Study::bitcode::<T>,
        ),
    ]
}
