using EdgeAssist.AlertRelay.Assist.Playbooks;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Assist;

/// <summary>What decides about prompts, as it stands for one batch.</summary>
/// <param name="Policy">The numbers.</param>
/// <param name="Playbook">The library in force.</param>
/// <param name="Disclosure">The switch that says whether a team's prompts leave.</param>
/// <param name="Histories">What is known of the customers of live calls; null: nothing ever is.</param>
internal sealed record AssistDesk(AssistPolicy Policy, Playbook Playbook, IDisclosurePolicy Disclosure, ICallHistories? Histories);
