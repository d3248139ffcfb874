using System.Threading.Channels;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;
using EdgeAssist.Proto.Mapping;

namespace EdgeAssist.AlertRelay.Ingest;

/// <summary>The way in from analysis in the same process.</summary>
/// <param name="writer">The relay's writer; there is one once the relay has started.</param>
/// <param name="time">The clocks that the events' instants were read from.</param>
internal sealed class RelayScoreSink(Func<RelayWriter> writer, TimeProvider time) : ICallScoreSink
{
    public async ValueTask PublishAsync(CallEvent callEvent, CancellationToken cancellationToken)
    {
        // Both clocks are read once an event: its durations come from the monotonic one and survive a step of the other.
        var said = callEvent.ToWire(ClockAnchor.Read(time));
        try
        {
            var answer = await writer().SayAsync(said, cancellationToken);
            if (answer.Verdict != StepVerdict.Accepted) throw new ScoreSinkException(answer.Why);
        }
        catch (JournalException fault)
        {
            throw new ScoreSinkException(fault.Message, fault);
        }
        catch (ChannelClosedException closed)
        {
            throw new ScoreSinkException("The relay is shutting down; the event was not accepted.", closed);
        }
    }
}
