//! What the protocol answers where it refuses a request.

/// `google.rpc.Status`, without details.
#[derive(Clone, PartialEq, prost::Message, serde::Serialize)]
pub struct Status {
    /// One of the codes of gRPC.
    #[prost(int32, tag = "1")]
    pub code: i32,
    #[prost(string, tag = "2")]
    pub message: String,
}
