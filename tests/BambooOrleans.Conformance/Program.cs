using BambooOrleans.Conformance;
using BambooOrleans.Conformance.Hosts;

return await ConformanceProgram.RunAsync(args, ConformanceHosts.Known);
