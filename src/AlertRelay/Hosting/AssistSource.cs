using EdgeAssist.AlertRelay.Assist;
using EdgeAssist.AlertRelay.Assist.Playbooks;
using EdgeAssist.AlertRelay.Diagnostics;
using EdgeAssist.Contracts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>What decides about prompts, from the options, the library's files and the parts that know of customers and of the switch.</summary>
internal sealed class AssistSource
{
    private readonly bool _on;
    private readonly AssistPolicy _policy;
    private readonly PlaybookSource _library;
    private readonly IDisclosurePolicy _disclosure;
    private readonly ICallHistories? _histories;

    public AssistSource(IOptions<AlertRelayOptions> options, IDisclosurePolicy disclosure, ILoggerFactory loggers, ICallHistories? histories = null)
    {
        var settings = options.Value;
        var logger = loggers.CreateLogger("EdgeAssist.AlertRelay.Assist");
        (_on, _disclosure, _histories) = (settings.Prompts, disclosure, histories);
        _policy = new AssistPolicy
        {
            MostPerCall = settings.PromptsPerCall,
            Gap = settings.PromptGap,
            ConfidenceFloor = settings.PromptConfidence,
            FallbackLocale = settings.PromptFallbackLocale,
            Patience = settings.PromptGap + TimeSpan.FromSeconds(15),
            Zone = TimeZoneInfo.Local,
        };
        _library = new PlaybookSource(settings.PlaybookDirectory, problem => RelayLog.PlaybookBad(logger, problem.ToString()));
        if (settings.LooserPrompts) RelayLog.BudgetLoosened(logger, _policy.MostPerCall, _policy.Gap, _policy.ConfidenceFloor);
    }

    public Playbook Library => _library.Current;

    /// <summary>As it stands now; null when prompts are switched off.</summary>
    public AssistDesk? Desk() => _on ? new AssistDesk(_policy, _library.Current, _disclosure, _histories) : null;

    public void Refresh() => _library.Refresh();
}
