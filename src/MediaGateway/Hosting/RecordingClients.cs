using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Transport;

namespace EdgeAssist.MediaGateway.Hosting;

/// <summary>Makes recording clients over real sockets.</summary>
public static class RecordingClients
{
    public static RecordingClient Create(TimeProvider time) =>
        new(time, SipClientChannel.OpenAsync, (local, streams) => RtpPlayout.Bind(local, streams, time));
}
