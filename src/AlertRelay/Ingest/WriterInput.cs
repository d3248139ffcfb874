using EdgeAssist.AlertRelay.Assist;
using EdgeAssist.AlertRelay.State;

namespace EdgeAssist.AlertRelay.Ingest;

/// <summary>One thing for the writer to do, and who waits for it.</summary>
internal abstract class WriterInput
{
    // Continuations run elsewhere: whoever waits must not hold the writer up.
    private readonly TaskCompletionSource<StepAnswer> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StepAnswer _answer;

    /// <summary>Completes when what was decided is durable.</summary>
    public Task<StepAnswer> Done => _done.Task;

    public void Decide(RelayStep step) => _answer = DecideIn(step);

    public void Complete() => _done.TrySetResult(_answer);

    public void Fail(Exception error) => _done.TrySetException(error);

    protected abstract StepAnswer DecideIn(RelayStep step);

    protected static StepAnswer NoAssist { get; } = new(StepVerdict.DoesNotFit, Why: "Prompts and messages are switched off here.");
}

/// <summary>Analysis said something.</summary>
internal sealed class SaidInput(V1.CallEvent said) : WriterInput
{
    protected override StepAnswer DecideIn(RelayStep step) => step.Accept(said);
}

/// <summary>Somebody acts on an alert.</summary>
internal sealed class ActionInput(ActionRequest request, V1.Alert? archived) : WriterInput
{
    protected override StepAnswer DecideIn(RelayStep step) => step.Act(request, archived);
}

/// <summary>Somebody writes about an alert.</summary>
internal sealed class NoteInput(NoteRequest request, V1.Alert? archived) : WriterInput
{
    protected override StepAnswer DecideIn(RelayStep step) => step.Annotate(request, archived);
}

/// <summary>Alerts were shown to somebody.</summary>
internal sealed class ShownInput(IReadOnlyList<Delivery> deliveries) : WriterInput
{
    protected override StepAnswer DecideIn(RelayStep step) => step.Note(V1.ReceiptKind.Shown, deliveries);
}

/// <summary>A silence begins, or ends early.</summary>
internal sealed class SilenceInput(V1.Silence silence, string requestKey, string requestId) : WriterInput
{
    protected override StepAnswer DecideIn(RelayStep step) => step.Keep(silence, requestKey, requestId);
}

/// <summary>A team is switched between being shown and being silent.</summary>
internal sealed class SwitchInput(V1.PolicySwitch asked, string requestKey) : WriterInput
{
    protected override StepAnswer DecideIn(RelayStep step) => step.Switch(asked, requestKey);
}

/// <summary>The agent does something with a prompt.</summary>
internal sealed class PromptInput(PromptRequest request) : WriterInput
{
    protected override StepAnswer DecideIn(RelayStep step) => step.Assist?.Act(request) ?? NoAssist;
}

/// <summary>A supervisor writes to an agent.</summary>
internal sealed class MessageInput(MessageRequest request) : WriterInput
{
    protected override StepAnswer DecideIn(RelayStep step) => step.Assist?.Send(request) ?? NoAssist;
}

/// <summary>A message was delivered, or read.</summary>
internal sealed class MessageReceiptInput(string callId, string messageId, bool Read) : WriterInput
{
    protected override StepAnswer DecideIn(RelayStep step) => step.Assist?.Note(callId, messageId, Read) ?? NoAssist;
}

/// <summary>Somebody decides about an entry of the library.</summary>
internal sealed class EntryUseInput(V1.EntryUseChange use, string requestKey, string requestId) : WriterInput
{
    protected override StepAnswer DecideIn(RelayStep step) => step.Assist?.Decide(use, requestKey, requestId) ?? NoAssist;
}

/// <summary>Something about a supervisor on a call.</summary>
internal sealed class InterventionInput(Func<RelayStep, StepAnswer> decide) : WriterInput
{
    protected override StepAnswer DecideIn(RelayStep step) => decide(step);
}

/// <summary>Time went by.</summary>
internal sealed class TickInput(Fanout.ToldLedger told) : WriterInput
{
    // Taken once: a batch that is decided anew decides about the same.
    private IReadOnlyList<Delivery>? _told;

    protected override StepAnswer DecideIn(RelayStep step)
    {
        step.Note(V1.ReceiptKind.Told, _told ??= told.TakeAll());
        step.Tick();
        return new StepAnswer(StepVerdict.Accepted);
    }
}

/// <summary>Another relay may have appended to the shared log.</summary>
internal sealed class AdvancedInput : WriterInput
{
    protected override StepAnswer DecideIn(RelayStep step) => new(StepVerdict.Accepted);
}

/// <summary>Calls that were live when the process before this one ended are over.</summary>
internal sealed class LostCallsInput(IReadOnlySet<string> callIds) : WriterInput
{
    protected override StepAnswer DecideIn(RelayStep step)
    {
        step.CloseLostCalls(callIds);
        return new StepAnswer(StepVerdict.Accepted);
    }
}
