using EdgeAssist.AlertRelay.Fanout;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.State;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>Prompts and messages as a principal with a filter sees them. No change is ever left out; what an agent does with a prompt is shown to that agent alone.</summary>
internal sealed class AssistView(V1.AssistFilter filter, Principal principal) : IStreamView
{
    private readonly CallView _calls = new(new V1.CallFilter { CallIds = { filter.CallIds }, Teams = { filter.Teams } }, principal);

    public string Key { get; } = "assist\u001c" + FilterKey.Of(filter) + "\u001c" + principal.ScopeKey;

    public bool Matches(V1.Prompt prompt) => prompt.State != V1.PromptState.WouldBe && _calls.Matches(prompt.CallId, prompt.Team, prompt.Agent);

    public bool Matches(V1.AgentMessage message) => _calls.Matches(message.CallId, message.Team, message.Agent);

    public V1.Prompt Show(V1.Prompt prompt) => IsOwn(prompt) ? prompt : Discreet(prompt);

    public Frame? Project(RelayEvent relayEvent)
    {
        if (relayEvent.Kind == JournalKind.CallUpdated) return _calls.Leaving(relayEvent);
        return relayEvent.Assist switch
        {
            { Prompt: { } prompt } change when Matches(prompt) => new Frame(relayEvent, EncodedEvent.Of(change, Show(prompt)), ReplacedBy: ""),
            { Message: { } message } change when Matches(message) => new Frame(relayEvent, EncodedEvent.Of(change, null), ReplacedBy: ""),
            _ => null,
        };
    }

    private bool IsOwn(V1.Prompt prompt) => principal.Role == PrincipalRole.Agent && prompt.Agent == principal.Subject;

    private static V1.Prompt Discreet(V1.Prompt prompt)
    {
        var passed = prompt.State is V1.PromptState.Dismissed or V1.PromptState.Snoozed or V1.PromptState.Expired;
        if (!passed && prompt.Reason.Length == 0) return prompt;
        var shown = prompt.Clone();
        (shown.Reason, shown.SnoozedUntil) = ("", null);
        if (passed) shown.State = V1.PromptState.Passed;
        return shown;
    }
}
