using System.Threading.Channels;
using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>A wish about a live call, on its way to the signalling loop.</summary>
/// <param name="Call">The call.</param>
/// <param name="Action">What becomes of its audio, null when the wish is about a role.</param>
/// <param name="Leg">The leg whose role was wrong.</param>
/// <param name="Role">Its right role.</param>
internal sealed record RecordingCommand(CallId Call, RecordingAction? Action, LegId Leg, PartyRole Role)
{
    /// <summary>True once done, false when no such call or leg is live.</summary>
    public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>
/// What operators and clients may ask of live calls: to pause their analysis, and to put a role right. Called from any thread;
/// carried out by the signalling loop, which owns the calls.
/// </summary>
public sealed class RecordingControl
{
    /// <summary>Wishes that wait at once; people ask, not packets.</summary>
    private const int MaxWaiting = 256;

    private readonly Channel<RecordingCommand> _commands = Channel.CreateBounded<RecordingCommand>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Wakes the signalling loop. Set once by its owner.</summary>
    internal Action? Wake { get; set; }

    /// <summary>Starts, pauses, resumes or stops the analysis of a call; the call itself is not touched.</summary>
    /// <returns>True once done, false when no such call is live or too many wishes wait.</returns>
    public Task<bool> ControlAsync(CallId call, RecordingAction action) => PostAsync(new RecordingCommand(call, action, default, default));

    /// <summary>Says who speaks on a leg; holds for the rest of the call, whatever signalling says.</summary>
    /// <returns>True once done, false when no such leg is live or too many wishes wait.</returns>
    public Task<bool> CorrectRoleAsync(CallId call, LegId leg, PartyRole role) => PostAsync(new RecordingCommand(call, null, leg, role));

    internal bool TryTake(out RecordingCommand? command) => _commands.Reader.TryRead(out command);

    private Task<bool> PostAsync(RecordingCommand command)
    {
        if (!_commands.Writer.TryWrite(command)) return Task.FromResult(false);
        Wake?.Invoke();
        return command.Done.Task;
    }
}
