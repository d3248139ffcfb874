using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.AlertRelay.Tests.Support;
using Grpc.Core;
using Microsoft.Data.Sqlite;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Policy;

/// <summary>Switches over gRPC, over restarts, and the log of who did what.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_switch_is_answered_kept_over_a_restart_and_told_with_who_when_and_why()
    {
        await using (var server = await RelayServer.StartAsync(_directory.Path))
        {
            var policies = new V1.Policies.PoliciesClient(server.Invoker());
            var set = new V1.SetPolicyRequest { Team = "billing", Mode = V1.PolicyMode.Observe, Reason = "baseline of March", RequestId = "r1" };
            var first = await policies.SetAsync(set, server.Headers());
            Assert.Equal(first, await policies.SetAsync(set, server.Headers()));
            await policies.SetAsync(new V1.SetPolicyRequest { Team = "*", Mode = V1.PolicyMode.Observe, Reason = "all of them", RequestId = "r2" }, server.Headers());
        }

        await using var restarted = await RelayServer.StartAsync(_directory.Path);
        var client = new V1.Policies.PoliciesClient(restarted.Invoker());
        var state = await client.GetAsync(new V1.GetPolicyRequest { Teams = { "billing", "sales" } }, restarted.Headers());
        var history = (await client.HistoryAsync(new V1.PolicyHistoryRequest { Teams = { "billing" } }, restarted.Headers())).Switches;

        Assert.Equal([("billing", V1.PolicyMode.Observe, false), ("sales", V1.PolicyMode.Observe, true)], state.Teams.Select(team => (team.Team, team.Mode, team.Inherited)));
        var made = Assert.Single(history);
        Assert.Equal(("root", "baseline of March", V1.PolicyMode.Assist), (made.Actor, made.Reason, made.From));
        var audited = (await client.ListAuditAsync(new V1.ListAuditRequest { Action = "policy.switch" }, restarted.Headers())).Entries;
        Assert.Equal(["*", "billing"], audited.Select(entry => entry.Team));
    }

    [Fact]
    public async Task A_switch_without_a_reason_is_refused_and_a_supervisor_reads_their_own_teams_alone()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path, options =>
        {
            options.ObserveTeams.Add("billing");
            options.ObserveTeams.Add("sales");
        });
        var client = new V1.Policies.PoliciesClient(server.Invoker());
        var sue = server.Headers(new Principal { Subject = "sue", Role = PrincipalRole.Supervisor, Teams = ["billing"] });

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.SetAsync(
            new V1.SetPolicyRequest { Team = "billing", Mode = V1.PolicyMode.Assist, RequestId = "r" }, server.Headers()));
        var seen = await client.GetAsync(new V1.GetPolicyRequest(), sue);

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Equal(("billing", "configuration"), Assert.Single(seen.Teams.Select(team => (team.Team, team.Actor))));
    }

    [Fact]
    public async Task A_switch_that_the_audit_log_lost_is_taken_over_at_the_next_start()
    {
        await using (var server = await RelayServer.StartAsync(_directory.Path, options => options.ObserveTeams.Add("billing")))
        {
            // As a crash between journal and audit log would leave it.
        }

        foreach (var file in Directory.GetFiles(_directory.Path, "audit.db*")) File.Delete(file);
        await using var restarted = await RelayServer.StartAsync(_directory.Path, options => options.ObserveTeams.Add("billing"));
        var history = await new V1.Policies.PoliciesClient(restarted.Invoker()).HistoryAsync(new V1.PolicyHistoryRequest(), restarted.Headers());

        Assert.Equal("billing", Assert.Single(history.Switches).Team);
    }

    [Theory]
    [InlineData("UPDATE audit SET actor = 'mallory' WHERE number = 2", "Entry 2 is not what was written")]
    [InlineData("DELETE FROM audit WHERE number = 2", "Entry 2 is missing")]
    [InlineData("UPDATE audit SET detail = actor, actor = detail WHERE number = 3", "Entry 3 is not what was written")]
    public void An_entry_that_was_touched_shows(string tampering, string expected)
    {
        using (var log = AuditLog.Open(_directory.Path, TimeProvider.System))
        {
            for (var i = 0; i < 4; i++) log.Add(new AuditAct("root", "test") { Detail = $"entry {i}" });
            Assert.Null(log.Verify());
        }

        using (var other = new SqliteConnection($"Data Source={Path.Combine(_directory.Path, "audit.db")};Pooling=False"))
        {
            other.Open();
            using var command = other.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
            command.CommandText = tampering;
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }

        using var again = AuditLog.Open(_directory.Path, TimeProvider.System);
        Assert.StartsWith(expected, again.Verify(), StringComparison.Ordinal);
    }
}
