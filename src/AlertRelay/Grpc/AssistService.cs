using EdgeAssist.AlertRelay.Assist;
using EdgeAssist.AlertRelay.Assist.Effect;
using EdgeAssist.AlertRelay.Assist.Playbooks;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.State;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary><c>edgeassist.v1.Assist</c>.</summary>
internal sealed class AssistService(RelayRuntime runtime, AssistSource source) : V1.Assist.AssistBase
{
    private const int MaxReason = 200, MaxText = 500;
    private static readonly TimeSpan SnoozeFor = TimeSpan.FromSeconds(60), ShortestSnooze = TimeSpan.FromSeconds(15), LongestSnooze = TimeSpan.FromMinutes(30);

    public Task Watch(V1.WatchAssistRequest request, IServerStreamWriter<WireMessage> responseStream, ServerCallContext context)
    {
        var caller = Caller.OfWatcher(context);
        var dialect = new AssistDialect(new AssistView(request.Filter ?? new V1.AssistFilter(), caller.Principal), caller.Principal);
        return new WatchStream(runtime.Table, dialect, responseStream, caller, context.CancellationToken).RunAsync(request.ResumeToken, request.Snapshot);
    }

    public override Task<V1.Prompt> MarkShown(V1.PromptActionRequest request, ServerCallContext context) => ActAsync(PromptAction.Show, request, context);

    public override Task<V1.Prompt> Accept(V1.PromptActionRequest request, ServerCallContext context) => ActAsync(PromptAction.Accept, request, context);

    public override Task<V1.Prompt> Dismiss(V1.PromptActionRequest request, ServerCallContext context) => ActAsync(PromptAction.Dismiss, request, context);

    public override Task<V1.Prompt> Snooze(V1.SnoozePromptRequest request, ServerCallContext context)
    {
        var length = request.For?.ToTimeSpan() ?? SnoozeFor;
        if (length < ShortestSnooze || length > LongestSnooze) throw RelayStatus.Invalid($"for is {length}; {ShortestSnooze} to {LongestSnooze} fit.");
        return ActAsync(PromptAction.Snooze, new V1.PromptActionRequest
        {
            PromptId = request.PromptId,
            RequestId = request.RequestId,
            ExpectedVersion = request.ExpectedVersion,
            Reason = request.Reason,
        }, context, length);
    }

    public override async Task<V1.ListPromptsResponse> List(V1.ListPromptsRequest request, ServerCallContext context)
    {
        var caller = Caller.OfWatcher(context);
        if (request.CallId.Length == 0) throw RelayStatus.Invalid("Prompts are listed by call: call_id is empty.");
        if (request.IncludeWouldBe && caller.Principal.Role != PrincipalRole.Admin) throw RelayStatus.Forbidden("What would have been shown while a team is observed is for admins.");

        var calls = new CallView(new V1.CallFilter(), caller.Principal);
        var (call, assist) = await FoldAsync(request.CallId, context.CancellationToken);
        if (call is null || !calls.Matches(call)) throw RelayStatus.NotFound($"There is no call {request.CallId}, or it is out of your scope.");

        var view = new AssistView(new V1.AssistFilter(), caller.Principal);
        var response = new V1.ListPromptsResponse();

        // Of an observed call nothing is told, and to admins only when it is over.
        if (call.Mode == V1.PolicyMode.Observe && (caller.Principal.Role != PrincipalRole.Admin || call.EndedAt is null)) return response;
        response.Prompts.AddRange(assist.Prompts
            .Where(prompt => view.Matches(prompt) || (request.IncludeWouldBe && prompt.State == V1.PromptState.WouldBe))
            .Select(view.Show));
        response.Messages.AddRange(assist.Messages.Where(view.Matches));
        foreach (var (cause, count) in assist.Withheld) response.Withheld[cause] = count;
        return response;
    }

    public override Task<V1.ListEntriesResponse> ListEntries(V1.ListEntriesRequest request, ServerCallContext context)
    {
        Caller.OfWatcher(context);
        var library = source.Library;
        var effects = runtime.Table.Writer.State.Effects;
        var response = new V1.ListEntriesResponse();
        response.Entries.AddRange(library.Entries
            .Where(entry => (request.Kind == V1.EntryKind.Unspecified || entry.Kind == request.Kind)
                && (request.Situation.Length == 0 || entry.Situations.Contains(request.Situation))
                && (request.Locale.Length == 0 || entry.Locale == request.Locale))
            .Select(entry => EntryForm.Of(entry, effects)));
        response.Problems.AddRange(library.Problems.Select(problem => problem.ToString()));
        return Task.FromResult(response);
    }

    public override async Task<V1.PlaybookEntry> SetEntryUse(V1.SetEntryUseRequest request, ServerCallContext context)
    {
        var caller = Caller.OfActor(context);
        if (caller.Principal.Role != PrincipalRole.Admin) throw RelayStatus.Forbidden("What the library uses is decided by admins.");
        Limits.CheckRequestId(request.RequestId);
        Limits.Check(nameof(request.Reason), request.Reason, MaxReason);
        if (string.IsNullOrWhiteSpace(request.Reason)) throw RelayStatus.Invalid("Say why: others have to work with it.");
        if (request.Use is not (V1.EntryUse.InUse or V1.EntryUse.SwitchedOff or V1.EntryUse.Kept))
            throw RelayStatus.Invalid("use is none of IN_USE (measurement decides), SWITCHED_OFF and KEPT.");
        var entry = source.Library.Entries.FirstOrDefault(each => each.Id == request.EntryId && each.Version == request.EntryVersion)
            ?? throw RelayStatus.NotFound($"There is no entry {request.EntryId} of version {request.EntryVersion} in the library.");

        var use = new V1.EntryUseChange
        {
            EntryId = entry.Id,
            EntryVersion = entry.Version,
            Use = request.Use,
            Actor = caller.Principal.Subject,
            Reason = request.Reason,
        };
        Accepted(await runtime.Table.Writer.DecideAsync(use, RequestKeys.Of(caller.Principal.Subject, request.RequestId), request.RequestId, context.CancellationToken));
        return EntryForm.Of(entry, runtime.Table.Writer.State.Effects);
    }

    public override async Task<V1.AgentMessage> SendMessage(V1.SendMessageRequest request, ServerCallContext context)
    {
        var caller = Caller.OfActor(context);
        Limits.CheckRequestId(request.RequestId);
        Limits.Check(nameof(request.Text), request.Text, MaxText);
        if (string.IsNullOrWhiteSpace(request.Text)) throw RelayStatus.Invalid("The message is empty.");

        var calls = new CallView(new V1.CallFilter(), caller.Principal);
        var (call, _) = await FoldAsync(request.CallId, context.CancellationToken);
        if (call is null || !calls.Matches(call)) throw RelayStatus.NotFound($"There is no call {request.CallId}, or it is out of your scope.");
        return Accepted(await runtime.Table.Writer.SendAsync(
            new MessageRequest(request.CallId, caller.Principal.Subject, request.RequestId, request.Text.Trim()), context.CancellationToken)).Message;
    }

    public override async Task<V1.AgentMessage> MarkRead(V1.MarkReadRequest request, ServerCallContext context)
    {
        var caller = Caller.OfWatcher(context);
        var message = runtime.Table.Writer.State.Assists.Values.SelectMany(assist => assist.Messages).FirstOrDefault(each => each.MessageId == request.MessageId);
        if (message is null || !new AssistView(new V1.AssistFilter(), caller.Principal).Matches(message))
            throw RelayStatus.NotFound($"There is no message {request.MessageId}, or it is out of your scope.");
        if (message.Agent != caller.Principal.Subject) throw RelayStatus.Forbidden("A message is read by the agent it was written to.");
        return Accepted(await runtime.Table.Writer.MarkReadAsync(message.CallId, message.MessageId, context.CancellationToken)).Message;
    }

    private async Task<V1.Prompt> ActAsync(PromptAction action, V1.PromptActionRequest request, ServerCallContext context, TimeSpan snoozeFor = default)
    {
        var caller = Caller.OfWatcher(context);
        if (action != PromptAction.Show) Limits.CheckRequestId(request.RequestId);
        Limits.Check(nameof(request.Reason), request.Reason, MaxReason);

        var view = new AssistView(new V1.AssistFilter(), caller.Principal);
        var prompt = runtime.Table.Writer.State.Assists.Values.SelectMany(assist => assist.Prompts).FirstOrDefault(each => each.PromptId == request.PromptId);
        if (prompt is null || !view.Matches(prompt)) throw RelayStatus.NotFound($"There is no prompt {request.PromptId}, or it is out of your scope.");
        if (prompt.Agent != caller.Principal.Subject) throw RelayStatus.Forbidden("A prompt is for the agent of its call alone.");
        return view.Show(Accepted(await runtime.Table.Writer.ActOnPromptAsync(new PromptRequest(
            action, prompt.CallId, prompt.PromptId, caller.Principal.Subject, action == PromptAction.Show ? "" : request.RequestId,
            request.ExpectedVersion, request.Reason, snoozeFor), context.CancellationToken)).Prompt);
    }

    private async Task<(V1.Call? Call, CallAssist Assist)> FoldAsync(string callId, CancellationToken cancellationToken)
    {
        var state = runtime.Table.Writer.State;
        if (state.Calls.TryGetValue(callId, out var live)) return (live.Info, state.Assists.GetValueOrDefault(callId, CallAssist.None));

        var (call, assist) = ((V1.Call?)null, CallAssist.None);
        foreach (var stored in await runtime.Table.Journal.ReadCallAsync(callId, cancellationToken))
        {
            var told = RelayEventCodec.ToEvent(stored, runtime.Table.Journal.Epoch);
            call = told.Call?.Started ?? told.Call?.Updated ?? told.Call?.Ended ?? call;
            if (told.Assist is { } change) assist = assist.With(change);
        }

        return (call, assist);
    }

    private static V1.AssistEvent Accepted(StepAnswer answer) =>
        answer.Verdict == StepVerdict.Accepted ? answer.Assist! : throw RelayStatus.From(answer);
}

/// <summary>An entry of the library on the wire, with what was measured of it.</summary>
internal static class EntryForm
{
    public static V1.PlaybookEntry Of(PlaybookEntry entry, EffectLedger effects)
    {
        var (use, reason) = effects.UseOf(entry.Key);
        var form = new V1.PlaybookEntry
        {
            EntryId = entry.Id,
            Version = entry.Version,
            Kind = entry.Kind,
            Owner = entry.Owner,
            Reviewed = entry.Reviewed.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            Locale = entry.Locale,
            WhenToUse = entry.WhenToUse,
            WhenNot = entry.WhenNot,
            Title = entry.Title,
            Text = entry.Text.Raw,
            Use = use,
            UseReason = reason,
            Effect = Of(effects.Of(entry.Key)),
            Origin = entry.Origin,
        };
        form.Situations.AddRange(entry.Situations);
        form.Sources.AddRange(entry.Sources);
        form.Conditions.AddRange(entry.Needs.Select(need => need.Describe()));
        return form;
    }

    private static V1.EntryEffect Of(EntryEffect effect)
    {
        var form = new V1.EntryEffect { Shown = effect.Shown, Matched = effect.Matched, Unmatched = effect.Unmatched };
        if (effect.Mean is not { } mean)
        {
            form.Sentence = $"Not enough data: {effect.Shown} moments with it and {effect.Matched} without that match; {EffectLedger.FewestShown} of each are needed.";
            return form;
        }

        (form.Effect, form.Low, form.High) = (mean, effect.Low, effect.High);
        form.Sentence = effect.ShowsBenefit ? "The risk falls faster with it than without."
            : effect.ExcludesBenefit ? "It does not help: the risk falls no faster with it than without."
            : "Whether it helps cannot be told yet.";
        return form;
    }
}
