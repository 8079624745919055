using System.Runtime.InteropServices;
using BambooOrleans.Cli;

using var stop = new CancellationTokenSource();

// Both signals close the engine in good order. A second one ends the process as usual; what was acknowledged is kept either way.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await BambooCli.RunAsync(args, CliTerminal.System(), stop.Token);
