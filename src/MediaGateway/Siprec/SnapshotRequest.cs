using System.Text;

namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>The document that asks a client for its whole metadata (RFC 7866 §9.2, RFC 7865 §6.11).</summary>
internal static class SnapshotRequest
{
    public const string ContentType = "application/rs-metadata-request";

    public const string Disposition = "recording-session";

    public static ReadOnlyMemory<byte> Document { get; } = Encoding.UTF8.GetBytes(
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <requestsnapshot xmlns="urn:ietf:params:xml:ns:recording:1">
          <requestreason xml:lang="en">An update refers to something unknown here</requestreason>
        </requestsnapshot>

        """);
}
