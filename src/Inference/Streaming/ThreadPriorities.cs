using System.Runtime.InteropServices;

namespace EdgeAssist.Inference.Streaming;

/// <summary>
/// Recognition computes as much as it is given; media and voice activity need little, and that at once. So the threads that
/// recognise stand behind all others of the machine.
/// </summary>
internal static partial class ThreadPriorities
{
    // nice(7): a thread at 5 gets a third of what one at 0 gets where both want the core, and all of it where none does.
    private const int Nice = 5;
    private const int Process = 0;   // PRIO_PROCESS; with 0 for "the calling one" it is the calling thread (setpriority(2), notes)

    /// <summary>Puts the calling thread behind the others.</summary>
    /// <returns>0, or the system's error number: the thread then has the priority it had.</returns>
    public static int Lower()
    {
        if (OperatingSystem.IsLinux()) return SetPriority(Process, 0, Nice) == 0 ? 0 : Marshal.GetLastPInvokeError();
        Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, uint who, int priority);
}
