using System.Threading.Channels;

namespace EdgeAssist.MediaGateway.Grpc;

/// <summary>Wakes one waiting loop. Rings before it waits are kept as one.</summary>
internal sealed class Doorbell
{
    private readonly Channel<bool> _rings = Channel.CreateBounded<bool>(new BoundedChannelOptions(1)
    {
        FullMode = BoundedChannelFullMode.DropWrite,
        SingleReader = true,
    });

    public void Ring() => _rings.Writer.TryWrite(true);

    public async Task WaitAsync(CancellationToken cancellationToken) => await _rings.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
}
